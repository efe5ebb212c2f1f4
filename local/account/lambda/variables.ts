import { randomUUID } from 'node:crypto';

/** `2026/03/01/[$LATEST]0123…`, as Lambda names the stream of an environment. */
export function logStream(now: number): string {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '/');
  return `${day}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
}

/** The variables that Lambda gives every function, and nothing of this machine. */
export function runtimeVariables(
  target: { name: string; handler: string; memoryMb: number; directory: string },
  region: string,
  stream: string,
): Record<string, string> {
  return {
    _HANDLER: target.handler,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(target.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: target.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${target.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: stream,
    AWS_REGION: region,
    LAMBDA_TASK_ROOT: target.directory,
    TZ: ':UTC',
    // Lambda has no home; without one the SDK would read this person's ~/.aws.
    HOME: target.directory,
  };
}

/** A role's keys where the SDK looks for them. */
export function keyVariables(keys: { accessKeyId: string; secretAccessKey: string; sessionToken: string }) {
  return {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_SESSION_TOKEN: keys.sessionToken,
  };
}

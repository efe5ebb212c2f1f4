/** Codes in which AWS's services ask for patience. */
const THROTTLING = new Set([
  'RequestLimitExceeded',
  'ThrottlingException',
  'Throttling',
  'TooManyRequestsException',
  'ProvisionedThroughputExceededException',
  'SlowDown',
  'RequestThrottled',
]);

/** Whether AWS asks for patience. */
export function isThrottling(error: unknown): error is Error {
  return error instanceof Error && THROTTLING.has(error.name);
}

/** Whether an error has one of these names (AWS's error codes, in the SDK's clients). */
export function isNamed(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

/** The result of a call, or undefined when AWS says that the thing is not there. */
export async function unlessNotFound<Result>(
  call: Promise<Result>,
  ...codes: string[]
): Promise<Result | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNamed(error, ...codes)) return undefined;
    throw error;
  }
}

import { isThrottling } from '../awsErrors.ts';

/** What AWS says against tags on one point, or undefined. @throws what asks for patience */
export async function tagRefusal(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (isThrottling(error) || !(error instanceof Error)) throw error;
    return `${error.name}: ${error.message}`;
  }
}

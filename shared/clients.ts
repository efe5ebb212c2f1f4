import { StandardRetryStrategy } from '@smithy/core/retry';
import type { RetryErrorInfo, StandardRetryToken } from '@smithy/types';

/**
 * Repeats what a passing network fault broke, three times at most, and never what AWS throttled: a throttled task
 * returns, and the state machine waits, so that no function sleeps and no storm of retries starts.
 */
class NetworkRetryStrategy extends StandardRetryStrategy {
  override async refreshRetryTokenForRetry(token: StandardRetryToken, info: RetryErrorInfo) {
    if (info.errorType === 'THROTTLING') throw info.error;
    return await super.refreshRetryTokenForRetry(token, info);
  }
}

/** Settings that every SDK client of every task is built with; Region, credentials and endpoint come from the runtime. */
export interface ClientSettings {
  retryStrategy: StandardRetryStrategy;
  /** A presigned upload must not carry the checksum of the empty body that was signed. */
  requestChecksumCalculation: 'WHEN_REQUIRED';
  responseChecksumValidation: 'WHEN_REQUIRED';
}

export function clientSettings(): ClientSettings {
  return {
    retryStrategy: new NetworkRetryStrategy(3),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  };
}

/**
 * Clients of one service by Region, each built when it is first asked for: functions run in the stack's own Region and
 * work in every Region that a policy names.
 */
export function byRegion<Client>(make: (region: string) => Client): (region: string) => Client {
  const made = new Map<string, Client>();
  return (region) => {
    const client = made.get(region) ?? make(region);
    made.set(region, client);
    return client;
  };
}

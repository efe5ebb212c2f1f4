/** What an execution environment and its worker thread say to each other. */

/** Where the bundle lies and what of it is called. */
export interface FunctionCode {
  module: string;
  handler: string;
  timeoutSeconds: number;
}

/** One invocation, to the worker. */
export interface InvocationMessage {
  code: FunctionCode;
  /** The function's own environment; nothing else is in it. */
  variables: Record<string, string>;
  payload: string;
  requestId: string;
  functionArn: string;
  /** The account's time at which the function runs, in milliseconds. */
  now: number;
}

/** Its end, from the worker. */
export interface AnswerMessage {
  /** JSON of the handler's result, or of the error as Lambda shapes it. */
  payload: string;
  failed: boolean;
  printed: string;
  /** HTTP requests that the function made. */
  requests: number;
}

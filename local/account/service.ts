/** What the account's parts have in common: who calls, what is called, what IAM is asked, what is refused. */

/** The caller of an operation. `role` is unset for the operator (the person at the keyboard), who may do all. */
export interface Principal {
  /** `arn:aws:sts::123456789012:assumed-role/<role>/<session>`, or the account's root. */
  arn: string;
  role?: string;
  /** An AWS service that calls by itself, for this resource of the account: only resource policies let it. */
  service?: { name: string; sourceArn: string };
}

/** One call of an operation, decoded from the wire or made by a state machine's own integration. */
export interface Call {
  principal: Principal;
  region: string;
  /** The SDK's signing name: `ec2`, `ssm`, `s3`, `elasticfilesystem`, … */
  service: string;
  /** The API's name, `DescribeImages`. */
  operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: every operation has its own shape; each handler names the SDK's type
  input: any;
}

/** Condition keys with the values that the call has for them, such as `aws:ResourceTag/Name`. */
export type ConditionContext = Record<string, string | string[]>;

/** One question to IAM: may this principal do `action` to `resource` in this context? */
export interface Access {
  action: string;
  /** A full ARN, or `*` for an action without resource types. */
  resource: string;
  context?: ConditionContext;
}

/** One API operation: what IAM must allow before it, and what it does. */
// biome-ignore lint/suspicious/noExplicitAny: see Call.input
export interface Operation<Input = any, Output = any> {
  access(input: Input, call: Call): Access[];
  run(input: Input, call: Call): Output | Promise<Output>;
}

/** A service in one Region; an operation that is not listed is refused as not simulated. */
export interface Service {
  operations: Record<string, Operation>;
}

/** A refusal in AWS's own code and words. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

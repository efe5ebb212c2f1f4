import type { Access, Call, Principal } from '../service.ts';
import type { PolicyDocument } from './policy.ts';

/** A role as the template makes it: what its inline and its managed policies say. */
export interface Role {
  name: string;
  arn: string;
  policies: PolicyDocument[];
  /** The services (`lambda.amazonaws.com`) that its trust policy lets take it on. */
  trusted: string[];
}

/** The account's IAM: roles with their policies, as the template has them, asked before every call. */
export interface Iam {
  /** @throws AwsError in the words of `call.service` when no statement allows it or one denies it. */
  require(principal: Principal, access: Access, call: Pick<Call, 'service' | 'operation' | 'region'>): void;
  /** The same question without the refusal, for what a service checks by itself (KMS grants, agents). */
  allows(principal: Principal, access: Access): boolean;
}

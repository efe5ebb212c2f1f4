import type { Access, Call, ConditionContext, Principal } from '../service.ts';
import { type Match, matches } from './evaluate.ts';
import type { Iam, Role } from './iam.ts';
import type { PolicyDocument, Statement } from './policy.ts';
import { type Reason, refusal } from './refusal.ts';
import { type UnusedStatement, Usage, unused } from './usage.ts';

/**
 * Decides by the roles' and the resources' policies as AWS does within one account: an explicit deny anywhere
 * refuses; then an allow of the role's own policies suffices, or one of the resource's policy that names the role. A
 * KMS key's policy must besides hand the decision to IAM by allowing the account's root.
 */
export class AccountIam implements Iam {
  readonly #now: () => number;
  readonly #roles = new Map<string, Role>();
  readonly #resourcePolicies = new Map<string, PolicyDocument>();
  readonly #usage = new Usage();

  /** @param options now: the account's time in milliseconds, for `aws:CurrentTime`. */
  constructor(options: { now?: () => number } = {}) {
    this.#now = options.now ?? Date.now;
  }

  createRole(role: Role): void {
    this.#roles.set(role.name, role);
  }

  /** Attaches the policy of a bucket, a key or a topic to its ARN. */
  putResourcePolicy(arn: string, policy: PolicyDocument): void {
    this.#resourcePolicies.set(arn, policy);
  }

  role(name: string): Role | undefined {
    return this.#roles.get(name);
  }

  roles(): Role[] {
    return [...this.#roles.values()];
  }

  /** Statements of roles, or actions and resources of them, that no call has matched so far. */
  unusedStatements(): UnusedStatement[] {
    return this.roles().flatMap((role) => unused(role, this.#usage));
  }

  require(principal: Principal, access: Access, call: Pick<Call, 'service' | 'operation' | 'region'>): void {
    const reason = this.#refuses(principal, access, call.region);
    if (reason) throw refusal(call.service, principal.arn, access, reason);
  }

  allows(principal: Principal, access: Access): boolean {
    return this.#refuses(principal, access) === undefined;
  }

  #refuses(principal: Principal, access: Access, region?: string): Reason | undefined {
    if (principal.role === undefined && !principal.service) return undefined;
    const role = this.#roles.get(principal.role ?? '');
    const context = { ...this.#globalContext(principal, access, role, region), ...access.context };
    const ofRole = this.#matching(
      role?.policies.flatMap((policy) => policy.statements) ?? [],
      access,
      context,
    );
    const ofResource = this.#matching(this.#resourceStatements(access.resource), access, context).filter(
      ({ statement }) => speaksOf(statement, principal, role),
    );
    for (const [found, reason] of [
      [ofRole, 'explicit deny in an identity-based policy'],
      [ofResource, 'explicit deny in a resource-based policy'],
    ] as const) {
      const denying = found.filter(({ statement }) => statement.effect === 'Deny');
      for (const match of denying) this.#usage.note(match);
      if (denying.length > 0) return reason;
    }
    if (ofResource.some(({ statement }) => !delegates(statement))) return undefined;
    if (/^arn:[^:]*:kms:/.test(access.resource) && this.#resourcePolicies.has(access.resource)) {
      if (!ofResource.some(({ statement }) => delegates(statement))) return 'no resource-based policy allows';
    }
    for (const match of ofRole) this.#usage.note(match);
    return ofRole.length > 0 ? undefined : 'no identity-based policy allows';
  }

  #matching(statements: Statement[], access: Access, context: ConditionContext): Match[] {
    return statements.flatMap((statement) => matches(statement, access, context) ?? []);
  }

  /** The policy of the resource, or of the bucket that an object lies in. */
  #resourceStatements(resource: string): Statement[] {
    const bucket = /^arn:[^:]*:s3:/.test(resource) ? (resource.split('/')[0] ?? resource) : resource;
    return this.#resourcePolicies.get(bucket)?.statements ?? [];
  }

  /** The keys that AWS adds to every request. */
  #globalContext(principal: Principal, access: Access, role?: Role, region?: string): ConditionContext {
    const account = principal.arn.split(':')[4] ?? '';
    return {
      'aws:CurrentTime': new Date(this.#now()).toISOString(),
      'aws:EpochTime': String(Math.floor(this.#now() / 1000)),
      'aws:PrincipalAccount': account,
      'aws:PrincipalArn': role?.arn ?? principal.arn,
      'aws:PrincipalType': 'AssumedRole',
      'aws:PrincipalIsAWSService': 'false',
      'aws:ResourceAccount': access.resource.split(':')[4] || account,
      'aws:SecureTransport': 'true',
      ...(principal.service && {
        'aws:SourceAccount': account,
        'aws:SourceArn': principal.service.sourceArn,
      }),
      'aws:ViaAWSService': 'false',
      ...(region && { 'aws:RequestedRegion': region }),
    };
  }
}

function speaksOf(statement: Statement, principal: Principal, role?: Role): boolean {
  if (statement.principal === '*') return true;
  if (principal.service) return statement.principal?.Service?.includes(principal.service.name) ?? false;
  const account = principal.arn.split(':')[4];
  const names = statement.principal?.AWS ?? [];
  return names.some(
    (name) =>
      name === '*' ||
      name === principal.arn ||
      name === role?.arn ||
      name === account ||
      isRoot(name, account),
  );
}

function isRoot(name: string, account?: string): boolean {
  return name.endsWith(`:iam::${account}:root`);
}

/** A statement for the account as a whole leaves the decision to the policies of its roles. */
function delegates(statement: Statement): boolean {
  if (statement.principal === '*' || statement.principal === undefined) return false;
  const names = statement.principal.AWS ?? [];
  return names.length > 0 && names.every((name) => name.endsWith(':root') || /^\d{12}$/.test(name));
}

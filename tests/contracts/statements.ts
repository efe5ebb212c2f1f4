import type { Statement } from '../../local/account/iam/policy.ts';
import type { Access, Principal } from '../../local/account/service.ts';
import type { LocalAccount } from '../../local/local.ts';

/** One question that IAM was asked of a role. */
export interface Asked {
  role: string;
  principal: Principal;
  access: Access;
}

/** Statements whose absence no run can show: they are asked about when a machine is made, not when it runs. */
const ASKED_AT_CREATION = ['HearOfEnds'];

/** Everything that IAM is asked from now on for a role, each question once. */
export function recordOf({ iam }: LocalAccount): Map<string, Asked> {
  const questions = new Map<string, Asked>();
  const note = (principal: Principal, access: Access) => {
    const { role } = principal;
    if (role !== undefined) questions.set(JSON.stringify([role, access]), { role, principal, access });
  };
  const [require, allows] = [iam.require.bind(iam), iam.allows.bind(iam)];
  iam.require = (principal, access, call) => {
    note(principal, access);
    require(principal, access, call);
  };
  iam.allows = (principal, access) => {
    note(principal, access);
    return allows(principal, access);
  };
  return questions;
}

/** Allow statements of some roles that could be left out, by what was asked: nothing would have been refused. */
export function idleStatements(
  { iam }: LocalAccount,
  asked: Map<string, Asked>,
  of: (role: string) => boolean,
): { seen: number; idle: string[] } {
  const questions = [...asked.values()];
  const refusedWithout = (role: string, statement: Statement) => {
    const policy = iam.role(role)?.policies.find(({ statements }) => statements.includes(statement));
    if (!policy) return false;
    const whole = policy.statements;
    policy.statements = whole.filter((one) => one !== statement);
    const refused = questions.some(
      (question) => question.role === role && !iam.allows(question.principal, question.access),
    );
    policy.statements = whole;
    return refused;
  };
  const allowing = iam
    .roles()
    .filter(({ name }) => of(name))
    .flatMap(({ name, policies }) =>
      policies.flatMap(({ statements }) => statements.map((statement) => ({ name, statement }))),
    )
    .filter(({ statement }) => statement.effect === 'Allow');
  const idle = allowing
    .filter(({ statement }) => !ASKED_AT_CREATION.includes(statement.sid ?? ''))
    .filter(({ name, statement }) => !refusedWithout(name, statement));
  return {
    seen: allowing.length,
    idle: idle.map(({ name, statement }) => `${name}: ${statement.sid} ${statement.actions.list}`),
  };
}

/** Roles of what works on EFS: tests/workflows/efs.test.ts shows that it needs what they allow. */
export function isOfEfs(role: string): boolean {
  return /-(worker|checkFileSystems|planExpiry|readEfs(Backup|Restore)|recordEfsRun|readEnding|keepFigures|completeHook|scaleWorker|checkWork(er)?)-|-(Efs(Backup|Restore)Role|Worker(Cleanup|Events)?Role)-/.test(
    role,
  );
}

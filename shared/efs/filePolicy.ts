import * as v from 'valibot';
import { parsed } from '../parsed.ts';

/** What a client that mounts without IAM must be allowed: root, since a backup reads what every user has. */
const READING = ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientRootAccess'];
const WRITING = [...READING, 'elasticfilesystem:ClientWrite'];

const texts = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => [value].flat()),
);
const statement = v.object({
  Effect: v.picklist(['Allow', 'Deny']),
  Principal: v.optional(v.union([v.string(), v.record(v.string(), texts)])),
  Action: v.optional(texts, []),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), v.unknown()))),
});
type Statement = v.InferOutput<typeof statement>;
const document = v.object({
  Statement: v.pipe(
    v.union([statement, v.array(statement)]),
    v.transform((value) => [value].flat()),
  ),
});

/** Conditions that a TLS mount over a mount target meets; a Deny with the opposite does not concern it. */
const MET: Record<string, string> = {
  'aws:SecureTransport': 'true',
  'elasticfilesystem:AccessedViaMountTarget': 'true',
};

/**
 * What a file system's policy refuses to a worker that mounts over TLS but without IAM, in one phrase; undefined when
 * it may mount. Without a policy EFS allows all of it.
 */
export function mountFault(policy: string | undefined, access: 'read' | 'write'): string | undefined {
  if (policy === undefined) return undefined;
  const { Statement } = parsed(document, JSON.parse(policy));
  for (const action of access === 'read' ? READING : WRITING) {
    const about = Statement.filter((one) => isForAll(one) && covers(one, action));
    if (about.some((one) => one.Effect === 'Deny' && holds(one)))
      return `denies ${action} to clients without IAM`;
    if (!about.some((one) => one.Effect === 'Allow' && holds(one)))
      return `allows ${action} only to clients that mount with IAM`;
  }
  return undefined;
}

/** Whether a statement is about everybody: a client without IAM is nobody in particular. */
function isForAll({ Principal }: Statement): boolean {
  return Principal === '*' || (typeof Principal === 'object' && (Principal.AWS ?? []).includes('*'));
}

function covers({ Action }: Statement, action: string): boolean {
  return Action.some(
    (one) =>
      one === '*' || one === 'elasticfilesystem:*' || one === 'elasticfilesystem:Client*' || one === action,
  );
}

/** Whether a worker's mount meets a statement's conditions; one that is not known here is taken not to be met by Allow. */
function holds({ Condition = {}, Effect }: Statement): boolean {
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, value]) => {
      const met = MET[key];
      if (operator !== 'Bool' || met === undefined) return Effect === 'Deny';
      return String(value) === met;
    }),
  );
}

import { toJsonSchema } from '@valibot/to-json-schema';
import { expression } from '../../shared/policy/expression.ts';
import { policiesFile } from '../../shared/policy/policy.ts';
import { keptNumber } from '../../shared/retention/keep.ts';

/** policies.schema.json: what editors complete policies.yml by. */
export function schemaText(): string {
  const schema = toJsonSchema(policiesFile, {
    target: 'draft-2020-12',
    typeMode: 'input',
    definitions: { expression },
    // What only our own checks can tell is told when the file is checked.
    ignoreActions: ['check', 'partial_check', 'raw_check'],
    overrideSchema: ({ valibotSchema }) =>
      valibotSchema === keptNumber
        ? { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER }
        : undefined,
  });
  return `${JSON.stringify({ title: 'backup-drill policies', ...schema }, null, 2)}\n`;
}

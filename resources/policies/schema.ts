import * as z from 'zod';
import { policiesFile } from '../../shared/policy/policy.ts';

/** policies.schema.json: what editors complete policies.yml by. */
export function schemaText(): string {
  const schema = z.toJSONSchema(policiesFile, { io: 'input' });
  return `${JSON.stringify({ title: 'backup-drill policies', ...schema }, null, 2)}\n`;
}

/** Writes policies.schema.json anew: npm run schema. */
import { writeFileSync } from 'node:fs';
import { schemaText } from './schema.ts';

writeFileSync(new URL('../../policies.schema.json', import.meta.url), schemaText());

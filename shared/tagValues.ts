import * as v from 'valibot';
import { record } from './record.ts';

/** The tags of a resource: text by text. */
export const tagValues = record(v.string(), v.string(), 'must be tags, such as { Team: "web" }');

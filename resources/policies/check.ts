import * as v from 'valibot';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { faultWords } from '../../shared/faultWords.ts';
import { parsed } from '../../shared/parsed.ts';
import { type PoliciesFile, policiesFile, policyBody, tagKey } from '../../shared/policy/policy.ts';
import { considerationsOf } from './considerations.ts';
import { considerEfs, type EfsBody } from './considerEfs.ts';
import { logicalWords } from './parameter.ts';
import { offsetOf } from './position.ts';

/** What is wrong, or worth a look, at one place of a policy file. */
export interface Finding {
  /** From 1. */
  line: number;
  /** `policies.nightly.keep`; empty for the file as a whole. */
  path: string;
  /** What it is; what to do. */
  message: string;
}

/** One policy as the file has it: no defaults are added. */
export interface WrittenPolicy {
  name: string;
  tagKey: string;
  raw: object;
}

/** What came of a policy file. Faults refuse it, warnings only want to be read. */
export interface Checked {
  faults: Finding[];
  warnings: Finding[];
  /** With all defaults; only of a file without faults. */
  file?: PoliciesFile;
  /** Those whose own shape is right. */
  policies: WrittenPolicy[];
}

interface Found {
  path: readonly PropertyKey[];
  message: string;
  warning?: boolean;
}

/** A stage may have no policy yet, but nobody should take it for one that backs something up. */
const NOTHING: Found = {
  path: ['policies'],
  message:
    'names no policy, so nothing is backed up; add one, such as nightly: { capture: ami, keep: { daily: 7 } }',
  warning: true,
};

/** One line for a person: `policies.yml:7: policies.nightly.keep: …`. */
export function written(fileName: string, { line, path, message }: Finding): string {
  return [`${fileName}:${line}`, path, message].filter((part) => part !== '').join(': ');
}

/**
 * Checks the text of a policy file, all of it.
 * @param now from when on schedules are looked at, five years ahead
 * @param region the stage's, where it is known: what works only there is refused for others
 */
export function checkPolicies(text: string, now: Date, region?: string): Checked {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true });
  if (document.errors.length > 0) {
    const faults = document.errors.map(({ pos, message }) => ({
      line: lines.linePos(pos[0]).line,
      path: '',
      message: `is no YAML: ${message.split(' at line ')[0]}`,
    }));
    return { faults, warnings: [], policies: [] };
  }
  const value: unknown = document.toJS() ?? {};
  const file = v.safeParse(policiesFile, value);
  const policies = policiesIn(value);
  const found = [
    ...(file.issues ?? []).map(foundOf),
    ...policies.flatMap((one) => consider(one, policies, now, region)),
    ...(isEmpty(value) ? [NOTHING] : []),
  ];
  const place = (warning: boolean) =>
    placed(
      document,
      lines,
      found.filter((one) => (one.warning ?? false) === warning),
    );
  const faults = place(false);
  return {
    faults,
    warnings: place(true),
    policies,
    ...(file.success && faults.length === 0 && { file: file.output }),
  };
}

/** What the schema found. */
function foundOf(issue: v.BaseIssue<unknown>): Found {
  return { path: (issue.path ?? []).map(({ key }) => String(key)), message: faultWords(issue) };
}

/** The policies of the right shape, whatever is wrong with others. */
function policiesIn(value: unknown): WrittenPolicy[] {
  if (!isObject(value) || !isObject(value.policies)) return [];
  const key = v.is(tagKey, value.tagKey) ? v.parse(tagKey, value.tagKey) : '';
  return Object.entries(value.policies).flatMap(([name, raw]) =>
    isObject(raw) && v.safeParse(policyBody, raw).success ? [{ name, tagKey: key, raw }] : [],
  );
}

function consider(one: WrittenPolicy, all: WrittenPolicy[], now: Date, region?: string): Found[] {
  const policy = parsed(policyBody, one.raw);
  const found: Found[] = considerationsOf(policy, one, now, region);
  if (policy.capture === 'efs') found.push(...considerEfs(policy, efsPolicies(all), now));
  const twin = all.find(({ name }) => name < one.name && logicalWords(name) === logicalWords(one.name));
  if (twin) found.push({ path: [], message: `has too much the name of ${twin.name}; choose another` });
  return found.map(({ path, ...rest }) => ({ path: ['policies', one.name, ...path], ...rest }));
}

function efsPolicies(all: WrittenPolicy[]): Map<string, EfsBody> {
  return new Map(
    all.flatMap(({ name, raw }): [string, EfsBody][] => {
      const policy = parsed(policyBody, raw);
      return policy.capture === 'efs' ? [[name, policy]] : [];
    }),
  );
}

function placed(document: Document, lines: LineCounter, found: Found[]): Finding[] {
  return found
    .map(({ path, message }) => ({
      line: lines.linePos(offsetOf(document, path)).line,
      path: path.map(String).join('.'),
      message,
    }))
    .sort((a, b) => a.line - b.line);
}

function isEmpty(value: unknown): boolean {
  return isObject(value) && isObject(value.policies) && Object.keys(value.policies).length === 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

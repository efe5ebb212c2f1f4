import { readFileSync } from 'node:fs';
import { checkPolicies as check, written } from '../../resources/policies/check.ts';
import type { Typed } from '../options.ts';
import { UsageError } from '../usage.ts';

const DEFAULT = 'policies.yml';

/** Checks a policy file as a deployment would, and prints what it finds. @returns 0 when it can be deployed, 1 if not */
export async function checkPolicies(typed: Typed): Promise<number> {
  const name = typed.positionals[0] ?? DEFAULT;
  const { faults, warnings, policies } = check(textOf(name), new Date(), typed.one('region'));
  const text = typed.has('json')
    ? JSON.stringify({ file: name, policies: policies.map((one) => one.name), faults, warnings }, null, 2)
    : [
        ...faults.map((fault) => written(name, fault)),
        ...warnings.map((warning) => `${written(name, warning)} (a warning)`),
        faults.length > 0 ? `${name} cannot be deployed.` : `${name} can be deployed.`,
      ].join('\n');
  process.stdout.write(`${text}\n`);
  return faults.length > 0 ? 1 : 0;
}

function textOf(name: string): string {
  try {
    return readFileSync(name, 'utf8');
  } catch {
    throw new UsageError(
      `check-policies ${name}: there is no such file; name one, or leave it out for ${DEFAULT}`,
    );
  }
}

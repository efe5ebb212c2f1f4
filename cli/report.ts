import { styleText } from 'node:util';
import type { Check } from '../shared/drillFacts.ts';
import type { Cost } from './cost.ts';
import type { DataCount } from './dataCount.ts';
import type { DrillResult } from './drillResult.ts';
import { formatSeconds } from './duration.ts';
import { stepTitle } from './steps.ts';

type Style = 'green' | 'red' | 'yellow' | 'bold' | 'dim';
/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** Colours for a terminal; plain text for everything else, and where NO_COLOR is set. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream });
}

/** What a drill's report shows beside its result. */
export interface ReportExtras {
  cost?: Cost | undefined;
  data?: DataCount | undefined;
  /** Where the evidence lies on this machine. */
  evidence?: string | undefined;
}

/** What stands after the verdict when no failed check explains it. */
const VERDICT = {
  PASS: { style: 'green', means: 'every check passed' },
  FAILED: { style: 'red', means: 'a check failed' },
  INCONCLUSIVE: { style: 'yellow', means: 'not everything could be checked' },
} as const;

/** A drill's result for a person, as lines. */
export function drillReport(result: DrillResult, extras: ReportExtras, paint: Paint): string[] {
  const { style, means } = VERDICT[result.verdict];
  const failed = result.checks.filter((check) => check.mandatory && check.ran && !check.passed);
  const what = failed.length > 0 ? failed.map((check) => stepTitle(check.name)).join(', ') : means;
  return [
    `${paint(style, result.verdict)}  ${what}`,
    ...(result.failure ? [`${result.failure.Error}: ${visible(result.failure.Cause)}`] : []),
    '',
    ...checkLines(result, paint),
    '',
    ...(extras.data ? [row('Data', dataText(extras.data, paint))] : []),
    ...rtoLines(result, paint),
    ...rpoLine(result, paint),
    ...(result.recoveryPoint ? [row('Point', result.recoveryPoint.imageId)] : []),
    row(
      'Left over',
      result.leftovers.length === 0 ? 'nothing' : paint('red', result.leftovers.map(leftover).join('; ')),
    ),
    ...(extras.cost ? [row('Cost', costText(extras.cost))] : []),
    ...(extras.evidence ? [row('Evidence', extras.evidence)] : []),
  ];
}

function checkLines({ checks }: DrillResult, paint: Paint): string[] {
  const names = Math.max(0, ...checks.map((check) => stepTitle(check.name).length));
  const counts = Math.max(0, ...checks.map((check) => thousands(check.count).length));
  return checks.flatMap((check) => {
    const title = stepTitle(check.name).padEnd(names);
    const count = (check.ran ? thousands(check.count) : '').padStart(counts);
    const line = `  ${mark(check, paint)} ${title}  ${count}  ${visible(check.summary)}`;
    return [line.trimEnd(), ...check.failures.map((failure) => `      ${visible(failure)}`)];
  });
}

function mark({ ran, passed, mandatory }: Check, paint: Paint): string {
  if (passed) return paint('green', '✓');
  return ran && mandatory ? paint('red', '✗') : paint('yellow', ran ? '✗' : '–');
}

function dataText({ directory, found, inManifest }: DataCount, paint: Paint): string {
  const text = `${thousands(inManifest)} entries of ${directory} in the manifest`;
  return found === inManifest
    ? `${text}, as many as find counts`
    : paint('red', `${text}, but find counts ${thousands(found)}`);
}

function rtoLines({ rto }: DrillResult, paint: Paint): string[] {
  if (!rto) return [row('RTO', paint('dim', 'not measured: nothing was restored'))];
  const width = Math.max(0, ...rto.steps.map((step) => step.step.length));
  return [
    row('RTO', objective(rto, paint)),
    ...rto.steps.map((step) =>
      row('', `${step.step.padEnd(width)}  ${formatSeconds(step.seconds).padStart(10)}`),
    ),
  ];
}

function rpoLine({ rpo }: DrillResult, paint: Paint): string[] {
  return rpo ? [row('RPO', objective(rpo, paint))] : [];
}

function objective(
  { seconds, objectiveSeconds }: { seconds: number; objectiveSeconds: number },
  paint: Paint,
): string {
  const met = seconds <= objectiveSeconds;
  return `${paint(met ? 'bold' : 'red', formatSeconds(seconds))} of ${formatSeconds(objectiveSeconds)}${met ? '' : ': missed'}`;
}

/** Dollars with as many places as it takes to see something. */
export function dollars(amount: number): string {
  return `$${amount.toFixed(amount >= 1 ? 2 : 4)}`;
}

/** What the meter's prefixes stand for on a bill. */
const BILLED: Record<string, string> = {
  states: 'state transitions',
  vpce: 'endpoints',
  ec2: 'instances',
  lambda: 'Lambda',
  kms: 'KMS',
  s3: 'S3',
};

function costText({ dollars: amount, parts, estimate }: Cost): string {
  if (estimate) return `${dollars(amount)} (${estimate})`;
  const byService = new Map<string, number>();
  for (const [what, part] of Object.entries(parts)) {
    const prefix = what.split(':')[0] ?? what;
    const service = BILLED[prefix] ?? prefix;
    byService.set(service, (byService.get(service) ?? 0) + part);
  }
  const shown = [...byService]
    .filter(([, part]) => part >= 0.00005)
    .sort(([, a], [, b]) => b - a)
    .map(([service, part]) => `${service} ${dollars(part)}`);
  return `${dollars(amount)}${shown.length > 0 ? ` (${shown.join(', ')})` : ''}`;
}

function row(title: string, text: string): string {
  return `${title.padEnd(10)} ${text}`.trimEnd();
}

function thousands(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}

function leftover({ kind, id, state }: DrillResult['leftovers'][number]): string {
  return `${kind} ${id}, ${state}`;
}

/** File names may hold anything; a terminal gets no control characters of theirs. */
export function visible(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) =>
    character === '\n' ? '\\n' : `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`,
  );
}

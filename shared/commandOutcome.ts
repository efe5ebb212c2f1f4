import type { GetCommandInvocationResult } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import { CommandFailed } from './errors.ts';
import { parsed } from './parsed.ts';

const UNDER_WAY = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);
const LAST_LINES = 5;
/** Characters of standard output that Systems Manager returns; what follows is cut. */
const RETURNED = 24_000;

/** What a document of this stack prints as its last line. */
export const commandResult = v.record(v.string(), v.unknown());
export type CommandResult = v.InferOutput<typeof commandResult>;

/**
 * The result of an invocation, or undefined while it is under way.
 * @param plain it is no document of this stack: what it prints means nothing here, and its result is empty
 * @throws CommandFailed with the last lines of its standard error when it did not succeed.
 */
export function outcomeOf(
  invocation: GetCommandInvocationResult,
  step: string,
  plain = false,
): CommandResult | undefined {
  const status = invocation.StatusDetails ?? invocation.Status ?? 'Pending';
  if (UNDER_WAY.has(invocation.Status ?? 'Pending')) return undefined;
  if (invocation.Status !== 'Success') {
    const code = invocation.ResponseCode === undefined ? '' : ` (exit code ${invocation.ResponseCode})`;
    const said = lastLines(invocation.StandardErrorContent) || 'no message';
    throw new CommandFailed(`${step}: ${status}${code}: ${said}`);
  }
  if (plain) return {};
  const said = invocation.StandardOutputContent ?? '';
  const line = said.trimEnd().split('\n').at(-1) ?? '';
  try {
    return parsed(commandResult, JSON.parse(line));
  } catch {
    const cut =
      said.length >= RETURNED
        ? `; it has more than the ${RETURNED} characters that Systems Manager returns`
        : '';
    throw new CommandFailed(`${step}: its last line of output is not a result in JSON${cut}`);
  }
}

/** The last lines, without URLs: a signed one is a secret. */
function lastLines(text: string | undefined): string {
  const lines = (text ?? '').trimEnd().split('\n').slice(-LAST_LINES);
  return lines.join('; ').replace(/\bhttps?:\/\/\S+/g, '(a URL)');
}

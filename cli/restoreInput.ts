import type { Typed } from './options.ts';
import { UsageError } from './usage.ts';

const NAMED_POINTS = ['latest', 'latest-validated'];
/** Options that only make sense outside of the sandbox. */
const IN_PLACE_ONLY = ['subnet', 'security-group', 'address', 'instance-profile', 'user-data'] as const;

/** @throws UsageError unless it is an instance's id. */
export function checkInstance(option: string, id: string): string {
  if (/^i-[0-9a-f]{8,17}$/.test(id)) return id;
  throw new UsageError(`${option} ${JSON.stringify(id)}: give an instance id, such as i-0123456789abcdef0`);
}

/** The restore machine's input for what was typed. @throws UsageError with one line that says what is missing. */
export function restoreInput(typed: Typed): object {
  const inPlace = typed.has('in-place');
  const misplaced = IN_PLACE_ONLY.find((option) => typed.has(option));
  if (misplaced && !inPlace)
    throw new UsageError(`--${misplaced}: needs --in-place; the sandbox has its own`);
  const overrides = {
    ...single(typed, 'instance-type', 'instanceType'),
    ...single(typed, 'subnet', 'subnetId'),
    ...(typed.has('security-group') && { securityGroupIds: typed.all('security-group') }),
    ...single(typed, 'address', 'privateIpAddress'),
    ...single(typed, 'instance-profile', 'instanceProfile'),
    ...single(typed, 'user-data', 'userData'),
  };
  return {
    ...chosenPoint(typed),
    ...(inPlace && { isolated: false }),
    ...(Object.keys(overrides).length > 0 && { overrides }),
  };
}

function chosenPoint(typed: Typed): object {
  const [point] = typed.positionals;
  const [resource, time] = [typed.one('resource'), typed.one('at')];
  if (point !== undefined && /^ami-[0-9a-f]{8,17}$/.test(point)) {
    if (resource || time)
      throw new UsageError(`${point}: is one point already; leave --resource and --at out`);
    return { imageId: point };
  }
  if (point !== undefined && !NAMED_POINTS.includes(point))
    throw new UsageError(
      `${JSON.stringify(point)}: a point is an ami- id, or latest or latest-validated with --resource`,
    );
  if (point !== undefined && time !== undefined) throw new UsageError(`give ${point} or --at, not both`);
  if (point === undefined && time === undefined)
    throw new UsageError(
      'say which point: an ami- id, or latest, latest-validated or --at TIME with --resource i-…',
    );
  if (resource === undefined)
    throw new UsageError(`${point ?? '--at'}: of which instance? Give --resource i-…`);
  return { resource: checkInstance('--resource', resource), at: point ?? checkTime(time ?? '') };
}

function checkTime(text: string): string {
  const moment = /^\d{4}-\d\d-\d\d/.test(text) ? new Date(text) : undefined;
  if (moment && !Number.isNaN(moment.getTime())) return moment.toISOString();
  throw new UsageError(`--at ${JSON.stringify(text)}: give an ISO 8601 time, such as 2026-03-01T04:00:00Z`);
}

function single(typed: Typed, option: string, key: string): object {
  const value = typed.one(option);
  return value === undefined ? {} : { [key]: value };
}

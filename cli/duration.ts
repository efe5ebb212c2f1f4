import { UsageError } from './usage.ts';

const DURATION = /^[1-9]\d{0,5}[smhd]$/;

/** A duration as the machines take it, `90s`, `30m`, `26h`, `2d`. @throws UsageError naming the option. */
export function checkDuration(option: string, text: string): string {
  if (DURATION.test(text)) return text;
  throw new UsageError(`${option} ${JSON.stringify(text)}: give a number and s, m, h or d, such as 30m`);
}

/** Seconds for a person: `4.2 s`, `42 s`, `4 m 12 s`, `1 h 02 m`, `3 d 04 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 0) return `-${formatSeconds(-seconds)}`;
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${pad(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${pad(hours % 24)} h`;
}

/** Seconds since a start as a running clock: `0:07`, `12:40`, `1:02:03`. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}

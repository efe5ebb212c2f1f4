/**
 * When a schedule is due, found by looking at the wall clock of its zone again and again: slow, plain, and made without
 * a look at the product's own reckoning, which the tests hold against it.
 */

const MINUTE = 60_000;
/** Every zone's clock changes by whole quarters of an hour, so that within one only the minute changes. */
const QUARTER = 15 * MINUTE;
const UNITS: Record<string, number> = { minute: MINUTE, hour: 60 * MINUTE, day: 24 * 60 * MINUTE };
/** February 29 comes once in eight years at the rarest. */
const HORIZON = 9 * 366 * 24 * 60 * MINUTE;

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const LIMITS: [low: number, high: number, names: string[]][] = [
  [0, 59, []],
  [0, 23, []],
  [1, 31, []],
  [1, 12, MONTHS],
  [1, 7, DAYS],
  [1970, 2199, []],
];

/** The hands of a wall clock. */
interface Wall {
  minute: number;
  hour: number;
  day: number;
  month: number;
  year: number;
}

export interface Expression {
  /** The first due moment after an instant, both in milliseconds; undefined when there is none in nine years. */
  after(instant: number): number | undefined;
}

/** Reads `cron(…)` or `rate(…)`. @param made when a rate begins @returns undefined when it is neither */
export function expressionOf(text: string, zone: string, made: number): Expression | undefined {
  const [, count, unit = ''] = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(text) ?? [];
  if (count !== undefined) {
    const every = Number(count) * (UNITS[unit] ?? Number.NaN);
    return {
      after: (instant) => (instant < made ? made : made + (Math.floor((instant - made) / every) + 1) * every),
    };
  }
  const [, fields = ''] = /^cron\((.*)\)$/.exec(text) ?? [];
  const words = fields.toUpperCase().split(' ');
  if (words.length !== 6 || (words[2] === '?') === (words[4] === '?')) return undefined;
  if (!words.every(isField)) return undefined;
  return { after: (instant) => search(words, zone, instant) };
}

function search(words: string[], zone: string, instant: number): number | undefined {
  const wallAt = clockOf(zone);
  const start = (Math.floor(instant / MINUTE) + 1) * MINUTE;
  for (let quarter = Math.floor(start / QUARTER) * QUARTER; quarter < instant + HORIZON; quarter += QUARTER) {
    const wall = wallAt(quarter);
    if (!isDay(words, wall) || !holds(words[1], wall.hour, 1)) continue;
    for (let at = quarter; at < quarter + QUARTER; at += MINUTE) {
      const minute = wall.minute + (at - quarter) / MINUTE;
      if (at >= start && holds(words[0], minute, 0) && !cameBefore(at, wallAt)) return at;
    }
  }
  return undefined;
}

/** Whether the wall clock has shown the same before: when clocks go back, a schedule runs only once. */
function cameBefore(at: number, wallAt: (instant: number) => Wall): boolean {
  const shown = JSON.stringify(wallAt(at));
  return [30, 60, 120].some((minutes) => JSON.stringify(wallAt(at - minutes * MINUTE)) === shown);
}

function clockOf(zone: string): (instant: number) => Wall {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  return (instant) => {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = format
      .format(instant)
      .split(/\D/)
      .map(Number);
    return { year, month, day, hour, minute };
  };
}

function isDay(words: string[], { year, month, day }: Wall): boolean {
  if (!holds(words[3], month, 3) || !holds(words[5], year, 5)) return false;
  const date = (of: number) => new Date(Date.UTC(year, month - 1, of));
  const weekday = date(day).getUTCDay() + 1;
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const [ofMonth = '', ofWeek = ''] = [words[2], words[4]];
  if (ofWeek === '?') {
    if (ofMonth === 'L') return day === last;
    if (!ofMonth.endsWith('W')) return holds(ofMonth, day, 2);
    const wanted = Number.parseInt(ofMonth, 10);
    if (wanted > last) return false;
    const working = Array.from({ length: last }, (_, index) => index + 1).filter(
      (one) => ![0, 6].includes(date(one).getUTCDay()),
    );
    const distance = (one: number) => Math.abs(one - wanted);
    return working.sort((a, b) => distance(a) - distance(b) || b - a)[0] === day;
  }
  if (ofWeek === 'L') return weekday === 7;
  if (ofWeek.endsWith('L')) return weekday === Number.parseInt(ofWeek, 10) && day + 7 > last;
  const [which = '', nth] = ofWeek.split('#');
  if (nth === undefined) return holds(ofWeek, weekday, 4);
  return holds(which, weekday, 4) && day > (Number(nth) - 1) * 7 && day <= Number(nth) * 7;
}

function isField(word: string, field: number): boolean {
  if (field === 2 && /^(\?|L|([1-9]|[12]\d|3[01])W)$/.test(word)) return true;
  if (field === 4 && /^(\?|L|[1-7]L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#[1-5])$/.test(word)) return true;
  const [low, high, names] = LIMITS[field] ?? [0, 0, []];
  const one = ['\\d{1,4}', ...names].join('|');
  const step = field === 4 ? '' : '(/[1-9]\\d*)?';
  return word.split(',').every((part) => {
    if (!new RegExp(`^(\\*|(${one})(-(${one}))?)${step}$`).test(part)) return false;
    const ends = (part.split('/')[0] ?? '').split('-').filter((end) => end !== '*');
    const numbers = ends.map((end) => numberOf(end, field));
    return (
      numbers.every((number) => number >= low && number <= high) &&
      (numbers[1] ?? high) >= (numbers[0] ?? low)
    );
  });
}

/** Whether a value is one of a field's list of values, ranges and steps. */
function holds(word = '', value: number, field: number): boolean {
  const [low, high] = LIMITS[field] ?? [0, 0];
  return word.split(',').some((part) => {
    const [span = '', step] = part.split('/');
    const [from = '', to] = span.split('-');
    const first = from === '*' ? low : numberOf(from, field);
    const last = to !== undefined ? numberOf(to, field) : from === '*' || step !== undefined ? high : first;
    return value >= first && value <= last && (value - first) % Number(step ?? 1) === 0;
  });
}

function numberOf(text: string, field: number): number {
  const [low, , names] = LIMITS[field] ?? [0, 0, []];
  return names.includes(text) ? names.indexOf(text) + low : Number(text);
}

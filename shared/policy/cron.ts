/** A cron expression of EventBridge Scheduler: which local times it means. */
export interface Cron {
  minutes: number[];
  hours: number[];
  /** Whether it fires on a day, given as its midnight in milliseconds that read like UTC. */
  onDay(day: number): boolean;
  /** The last year that it may fire in. */
  lastYear: number;
}

/** An expression that is none; the message says what is wrong and what to do. */
export class CronInvalid extends Error {
  override readonly name = 'CronInvalid';
}

interface Field {
  name: string;
  low: number;
  high: number;
  /** Names of the values from `low` on. */
  names?: readonly string[];
  steps: boolean;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
const MINUTES: Field = { name: 'minutes', low: 0, high: 59, steps: true };
const HOURS: Field = { name: 'hours', low: 0, high: 23, steps: true };
const DAY_OF_MONTH: Field = { name: 'day of month', low: 1, high: 31, steps: true };
const MONTH: Field = { name: 'month', low: 1, high: 12, names: MONTHS, steps: true };
const DAY_OF_WEEK: Field = { name: 'day of week', low: 1, high: 7, names: DAYS, steps: false };
const YEAR: Field = { name: 'year', low: 1970, high: 2199, steps: true };
const ORDER = [MINUTES, HOURS, DAY_OF_MONTH, MONTH, DAY_OF_WEEK, YEAR];

const DAY = 86_400_000;

/**
 * Reads the six fields of an expression, without `cron(…)` around them. It takes what AWS documents and nothing more:
 * lists, ranges, steps and names, `L` and `15W` as the day of month, `L`, `6L` and `3#2` as the day of week.
 * @throws CronInvalid
 */
export function parseCron(text: string): Cron {
  const fields = text.trim().toUpperCase().split(/\s+/);
  if (text.trim().startsWith('cron(')) throw new CronInvalid('write the six fields alone, without cron( )');
  if (fields.length !== ORDER.length) throw new CronInvalid(wrongCount(fields));
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  if ((dayOfMonth === '?') === (dayOfWeek === '?'))
    throw new CronInvalid(
      `has ${dayOfMonth} as day of month and ${dayOfWeek} as day of week; exactly one of the two must be ?`,
    );
  const months = new Set(values(month, MONTH));
  const years = new Set(values(year, YEAR));
  const matchesDay = dayOfMonth === '?' ? weekdays(dayOfWeek) : monthdays(dayOfMonth);
  return {
    minutes: values(minutes, MINUTES),
    hours: values(hours, HOURS),
    onDay: (day) => {
      const date = new Date(day);
      return years.has(date.getUTCFullYear()) && months.has(date.getUTCMonth() + 1) && matchesDay(date);
    },
    lastYear: Math.max(...years),
  };
}

function wrongCount(fields: string[]): string {
  const [minutes, hours, dayOfMonth, month, dayOfWeek] = fields;
  const six = 'minutes, hours, day of month, month, day of week and year';
  const unix = fields.length === 5 && (dayOfMonth === '*' || dayOfWeek === '*');
  if (!unix) return `has ${fields.length} fields; it takes six: ${six}, such as 15 1 * * ? *`;
  const days = dayOfWeek === '*' ? [dayOfMonth, month, '?'] : ['?', month, dayOfWeek];
  // Unix counts the days of the week from 0; AWS from 1.
  const shifted = dayOfWeek === '*' ? '' : ', and name the days of the week, which AWS counts from SUN as 1';
  return `has five fields as on Unix; it takes six: ${six}. Write ${[minutes, hours, ...days, '*'].join(' ')}${shifted}`;
}

/** The values of a field, in order. */
function values(text: string, field: Field): number[] {
  return [...new Set(text.split(',').flatMap((part) => range(part, field)))].sort((a, b) => a - b);
}

function range(part: string, field: Field): number[] {
  const [span = '', step, ...more] = part.split('/');
  if (step !== undefined && (!field.steps || more.length > 0 || !/^[1-9]\d*$/.test(step)))
    throw new CronInvalid(fault(part, field));
  const [from = '', to, ...rest] = span.split('-');
  if (rest.length > 0) throw new CronInvalid(fault(part, field));
  const first = from === '*' && to === undefined ? field.low : value(from, part, field);
  const single = from !== '*' && to === undefined && step === undefined;
  const last = single ? first : to === undefined ? field.high : value(to, part, field);
  if (last < first)
    throw new CronInvalid(
      `${field.name} ${part} goes backwards; write ${from}-${field.high},${field.low}-${to} for both parts`,
    );
  const by = Number(step ?? 1);
  return Array.from({ length: Math.floor((last - first) / by) + 1 }, (_, index) => first + index * by);
}

function value(text: string, part: string, field: Field): number {
  const named = field.names?.indexOf(text) ?? -1;
  const number = named >= 0 ? named + field.low : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= field.low && number <= field.high)) throw new CronInvalid(fault(part, field));
  return number;
}

function fault(part: string, { name, low, high, names }: Field): string {
  const or = names ? ` or ${names[0]}-${names.at(-1)}` : '';
  return `${name} ${part || '(nothing)'} is not understood; it takes ${low}-${high}${or}`;
}

type DayRule = (date: Date) => boolean;

function monthdays(text: string): DayRule {
  if (text === 'L') return (date) => date.getUTCDate() === lengthOfMonth(date);
  const [, near] = /^(\d+)W$/.exec(text) ?? [];
  if (near !== undefined) {
    const wanted = value(near, text, DAY_OF_MONTH);
    return (date) => date.getUTCDate() === nearestWeekday(wanted, date);
  }
  const days = new Set(values(text, DAY_OF_MONTH));
  return (date) => days.has(date.getUTCDate());
}

function weekdays(text: string): DayRule {
  if (text === 'L') return (date) => date.getUTCDay() === 6; // the last day of AWS's week
  const [, last] = /^(\d)L$/.exec(text) ?? [];
  if (last !== undefined) {
    const wanted = value(last, text, DAY_OF_WEEK);
    return (date) => date.getUTCDay() + 1 === wanted && date.getUTCDate() > lengthOfMonth(date) - 7;
  }
  const [, which, nth] = /^(\d|[A-Z]{3})#([1-5])$/.exec(text) ?? [];
  if (which !== undefined) {
    const wanted = value(which, text, DAY_OF_WEEK);
    return (date) => date.getUTCDay() + 1 === wanted && Math.ceil(date.getUTCDate() / 7) === Number(nth);
  }
  const days = new Set(values(text, DAY_OF_WEEK));
  return (date) => days.has(date.getUTCDay() + 1);
}

function lengthOfMonth(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}

/** The day from Monday to Friday that is nearest to a day of the date's month, in that month. */
function nearestWeekday(wanted: number, date: Date): number | undefined {
  const length = lengthOfMonth(date);
  if (wanted > length) return undefined;
  const weekday = new Date(date.getTime() + (wanted - date.getUTCDate()) * DAY).getUTCDay();
  if (weekday === 6) return wanted === 1 ? 3 : wanted - 1;
  if (weekday === 0) return wanted === length ? wanted - 2 : wanted + 1;
  return wanted;
}

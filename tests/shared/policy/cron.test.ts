import { expect, test } from '@jest/globals';
import { parseCron } from '../../../shared/policy/cron.ts';
import { zoneFault } from '../../../shared/policy/zone.ts';

test.each([
  ['cron(0 1 * * ? *)', 'write the six fields alone'],
  ['15 1 * * *', 'Write 15 1 * * ? *'],
  ['15 1 * * 1', 'Write 15 1 ? * 1 *, and name the days of the week, which AWS counts from SUN as 1'],
  ['15 1 * *', 'has 4 fields; it takes six'],
  ['0 0 1 * * ? *', 'has 7 fields'],
  ['0 1 * * * *', 'exactly one of the two must be ?'],
  ['0 1 ? * ? *', 'exactly one of the two must be ?'],
  ['60 1 * * ? *', 'minutes 60 is not understood; it takes 0-59'],
  ['0 24 * * ? *', 'hours 24 is not understood; it takes 0-23'],
  ['0 1 0 * ? *', 'day of month 0 is not understood'],
  ['0 1 ? * 0 *', 'day of week 0 is not understood; it takes 1-7 or SUN-SAT'],
  ['0 1 * 13 ? *', 'month 13 is not understood; it takes 1-12 or JAN-DEC'],
  ['0 1 * * ? 1969', 'year 1969'],
  ['0 22-2 * * ? *', 'hours 22-2 goes backwards; write 22-23,0-2 for both parts'],
  ['0/0 1 * * ? *', 'minutes 0/0'],
  ['0 1/2/3 * * ? *', 'hours 1/2/3'],
  ['0 1-2-3 * * ? *', 'hours 1-2-3'],
  ['0 ,1 * * ? *', 'hours (nothing)'],
  ['0 1 ? * MON/2 *', 'day of week MON/2'],
  ['0 1 ? * 3#6 *', 'day of week 3#6'],
  ['0 1 ? * 3#1,6#3 *', 'day of week 3#1'],
  ['0 1 1,L * ? *', 'day of month L'],
  ['0 1 32W * ? *', 'day of month 32W'],
  ['? 1 * * ? *', 'minutes ?'],
  ['0 1 ? FOO MON *', 'month FOO'],
  ['', 'has 1 fields'],
])('%s is refused: %s', (text, fault) => {
  expect(() => parseCron(text)).toThrow(fault);
});

test.each([
  'UTC',
  'Europe/Vienna',
  'Asia/Kolkata',
  'Asia/Calcutta',
  'America/Argentina/Buenos_Aires',
  'Etc/GMT+5',
])('%s is a time zone', (zone) => {
  expect(zoneFault(zone)).toBeUndefined();
});

test.each([
  ['europe/vienna', 'did you mean Europe/Vienna?'],
  ['Europe/Viena', 'did you mean Europe/Vienna?'],
  ['CET', 'write an IANA name'],
  ['+01:00', 'write an IANA name'],
  ['Mars/Olympus', 'write an IANA name'],
  ['', 'write an IANA name'],
])('%s is none: %s', (zone, fault) => {
  expect(zoneFault(zone)).toContain(fault);
});

import { describe, expect, test } from '@jest/globals';
import { Meter } from '../../../local/account/meter.ts';
import { Timeline } from '../../../local/account/timeline.ts';

describe('the price meter', () => {
  test('makes the bill that was worked out by hand', () => {
    const meter = new Meter();
    meter.add('states:transition', 40_000); // at $0.025 a thousand: $1
    meter.add('lambda:request', 5_000_000); // at $0.20 a million: $1
    for (let call = 0; call < 10; call++) meter.add('lambda:gb-second', 7_500); // 75,000 at $0.0000133334: $1.000005
    meter.add('kms:request', 100_000); // at $0.03 for ten thousand: $0.30
    meter.add('vpce:hour', 30); // at $0.011: $0.33
    meter.add('ec2:hour', 100); // at $0.0184: $1.84
    meter.add('s3:put', 2_000); // at $0.005 a thousand: $0.01
    meter.add('s3:get', 25_000); // at $0.0004 a thousand: $0.01
    expect(meter.parts()['lambda:gb-second']).toBeCloseTo(1.000005, 9);
    expect(meter.dollars()).toBeCloseTo(5.490005, 9);
  });

  test('60 looks of 3 transitions and 0.2 s at 256 MB cost $0.0045520002', () => {
    const meter = new Meter();
    meter.add('states:transition', 180); // $0.0045
    meter.add('lambda:request', 60); // $0.000012
    meter.add('lambda:gb-second', 60 * 0.2 * 0.25); // 3 GB-s: $0.0000400002
    expect(meter.dollars()).toBeCloseTo(0.0045520002, 10);
  });

  test('counts from any moment on, beside what it counts in all', () => {
    const meter = new Meter();
    meter.call('ec2', 'DescribeImages');
    meter.see('states:payload', 500);
    const part = meter.start();
    meter.call('ec2', 'DescribeImages');
    meter.call('ec2', 'CreateImage');
    meter.throttle('ec2', 'CreateImage');
    meter.add('states:transition', 4);
    meter.see('states:payload', 100);
    meter.see('states:payload', 70);
    meter.stop(part);
    meter.call('ec2', 'CreateImage');
    expect([part.count(), part.count('ec2:Describe'), part.countThrottled('ec2:')]).toEqual([2, 1, 1]);
    expect([meter.count(), meter.count('ec2:Describe'), meter.count('ec2:Create')]).toEqual([4, 2, 2]);
    expect(part.dollars()).toBeCloseTo(0.0001, 9);
    expect([part.largest.get('states:payload'), meter.largest.get('states:payload')]).toEqual([100, 500]);
  });
});

test('the timeline knows each time that something came about, and forgets the oldest beyond its limit', () => {
  const timeline = new Timeline(2);
  timeline.note('i-1', 'online', 10);
  timeline.note('i-1', 'online', 30);
  timeline.note('i-2', 'online', 40);
  expect([timeline.at('i-1:online'), timeline.at('i-1:online', 20), timeline.at('i-1:online', 5)]).toEqual([
    30,
    10,
    undefined,
  ]);
  timeline.note('i-3', 'online', 50);
  expect([timeline.at('i-1:online'), timeline.at('i-2:online'), timeline.at('i-3:online')]).toEqual([
    undefined,
    40,
    50,
  ]);
});

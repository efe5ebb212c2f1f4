import type { Instance } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { refusals, type TargetFacts } from '../../shared/target.ts';

const server: Instance = { InstanceId: 'i-1', RootDeviceType: 'ebs', State: { Name: 'running' } };
const facts = (instance: Partial<Instance> = {}, other: Partial<TargetFacts> = {}): TargetFacts => ({
  instance: { ...server, ...instance },
  managed: true,
  instanceStore: false,
  ...other,
});
const inGroup = { Tags: [{ Key: 'aws:autoscaling:groupName', Value: 'web' }] };
const stopped = { State: { Name: 'stopped' as const } };

describe('which instances are refused', () => {
  test.each(['reboot', 'stop', 'freeze', 'none'] as const)(
    'a plain server is backed up by %s',
    (consistency) => {
      expect(refusals(facts(), { consistency, validated: true })).toEqual([]);
    },
  );

  test.each([
    ['stop', facts(inGroup), 'Auto Scaling group web would replace it'],
    ['reboot', facts(inGroup), 'Auto Scaling group web may replace it meanwhile'],
    ['stop', facts({}, { instanceStore: true }), 'a stop loses what is on its instance store'],
    ['stop', facts({ InstanceLifecycle: 'spot' }), 'a Spot instance may not start again'],
    ['reboot', facts({}, { managed: false }), 'it is not online in Systems Manager'],
    ['none', facts({ RootDeviceType: 'instance-store' }), 'its root device is not an EBS volume'],
    ['none', facts({ State: { Name: 'terminated' } }), 'it is terminated'],
    ['reboot', facts(stopped), 'it is stopped: only consistency stop or none without paths can be'],
  ] as const)('by %s, for its reason', (consistency, target, reason) => {
    expect(refusals(target, { consistency, validated: false })).toEqual([reason]);
  });

  test.each([
    ['none', facts(inGroup)],
    ['freeze', facts(inGroup)],
    ['reboot', facts({ InstanceLifecycle: 'spot' })],
    ['none', facts({}, { managed: false })],
    ['stop', facts(stopped)],
    ['stop', facts({ ...stopped, ...inGroup })],
  ] as const)('but not by %s where it does no harm', (consistency, target) => {
    expect(refusals(target, { consistency, validated: false })).toEqual([]);
  });

  test('paths to validate need the agent, whatever the consistency', () => {
    const unmanaged = facts({}, { managed: false });
    expect(refusals(unmanaged, { consistency: 'none', validated: true })).toHaveLength(1);
  });
});

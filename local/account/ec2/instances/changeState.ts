import type {
  InstanceState,
  StartInstancesRequest,
  StopInstancesRequest,
  TerminateInstancesRequest,
} from '@aws-sdk/client-ec2';
import { AwsError, type Operation } from '../../service.ts';
import { existing } from '../access.ts';
import { noCapacity } from '../errors.ts';
import type { Inventory } from '../inventory.ts';
import { type InstanceItem, isIn, setState } from './instance.ts';
import { bringUp, stop, terminate } from './lifecycle.ts';

/** What one of the three calls answers for an instance. */
interface Change {
  InstanceId: string;
  PreviousState: InstanceState;
  CurrentState: InstanceState;
}

/** StartInstances: a running one stays as it is; without the right to its keys it falls back to `stopped`. */
export function startInstances(ec2: Inventory): Operation<StartInstancesRequest> {
  return {
    access: access(ec2, 'StartInstances'),
    run: ({ InstanceIds }, call) => {
      const instances = ec2.instances.find(InstanceIds ?? []);
      refuse(instances, 'started', (one) => !isIn(one, 'pending', 'running', 'stopped'));
      const without = instances.find(
        (one) => isIn(one, 'stopped') && ec2.withoutCapacity.has(one.data.InstanceType ?? ''),
      );
      if (without) throw noCapacity(without.data.InstanceType ?? '', ec2.zone);
      const start = (one: InstanceItem) => {
        if (!isIn(one, 'stopped')) return;
        setState(one, 'pending');
        delete one.data.StateReason;
        one.data.LaunchTime = new Date(ec2.now);
        bringUp(ec2, one, call.principal, 'stopped');
      };
      return { StartingInstances: changes(instances, start) };
    },
  };
}

/** StopInstances: a stopped one stays as it is. */
export function stopInstances(ec2: Inventory): Operation<StopInstancesRequest> {
  return {
    access: access(ec2, 'StopInstances'),
    run: ({ InstanceIds }) => {
      const instances = ec2.instances.find(InstanceIds ?? []);
      const without = instances.find((one) => one.data.RootDeviceType !== 'ebs');
      if (without)
        throw new AwsError(
          'UnsupportedOperation',
          `The instance '${without.id}' does not have an 'ebs' root device type and cannot be stopped.`,
        );
      refuse(instances, 'stopped', (one) => !isIn(one, 'running', 'stopping', 'stopped'));
      return { StoppingInstances: changes(instances, (one) => isIn(one, 'running') && stop(ec2, one)) };
    },
  };
}

/** TerminateInstances: all or none; one that is terminated already stays as it is. */
export function terminateInstances(ec2: Inventory): Operation<TerminateInstancesRequest> {
  return {
    access: access(ec2, 'TerminateInstances'),
    run: ({ InstanceIds }) => {
      const instances = ec2.instances.find(InstanceIds ?? []);
      const safe = instances.find((one) => one.terminationProtected && !isIn(one, 'terminated'));
      if (safe)
        throw new AwsError(
          'OperationNotPermitted',
          `The instance '${safe.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
        );
      const end = (one: InstanceItem) => !isIn(one, 'shutting-down', 'terminated') && terminate(ec2, one);
      return { TerminatingInstances: changes(instances, end) };
    },
  };
}

function access(ec2: Inventory, action: string) {
  return ({ InstanceIds }: { InstanceIds?: string[] | undefined }) =>
    existing(ec2, action, ec2.instances, ec2.instances.find(InstanceIds ?? []));
}

function refuse(instances: InstanceItem[], done: string, when: (one: InstanceItem) => boolean): void {
  const wrong = instances.find(when);
  if (wrong)
    throw new AwsError(
      'IncorrectInstanceState',
      `The instance '${wrong.id}' is not in a state from which it can be ${done}.`,
    );
}

function changes(instances: InstanceItem[], change: (one: InstanceItem) => unknown): Change[] {
  return instances.map((one) => {
    const PreviousState = one.data.State ?? {};
    change(one);
    return { InstanceId: one.id, PreviousState, CurrentState: one.data.State ?? {} };
  });
}

import { TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { findInstance } from '../instanceFacts.ts';
import { foreign, type Remover } from './removal.ts';

/** Terminates an instance that this run launched. Its volumes go with it. */
export const removeInstance: Remover = async (id, context) => {
  const instance = await findInstance(context.ec2, id);
  if (!instance) return { state: 'missing' };
  const state = instance.State?.Name;
  if (state === 'terminated') return { state: 'gone' };
  if (state === 'shutting-down') return { state: 'going' };
  const reason = foreign(instance.Tags, context);
  if (reason) return { state: 'stuck', reason };
  await context.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  return { state: 'going' };
};

/** Serverless plugin: adds a worker group for each policy with `capture: efs`. Without one nothing is added. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Serverless } from '../packaging/serverless.ts';
import { checkPolicies } from '../policies/check.ts';
import { workerResources } from './worker.ts';

export default class Workers {
  readonly hooks: Record<string, () => void>;

  constructor(serverless: Serverless) {
    this.hooks = { 'before:package:finalize': () => addWorkers(serverless) };
  }
}

function addWorkers(serverless: Serverless): void {
  const { service, serviceDir } = serverless;
  const { file } = checkPolicies(readFileSync(join(serviceDir, service.custom.policies), 'utf8'), new Date());
  const deployment = `${service.service}-${serverless.getProvider('aws').getStage()}`;
  const userData = readFileSync(join(serviceDir, 'resources/worker/user-data.sh'), 'utf8');
  const { Resources } = service.provider.compiledCloudFormationTemplate;
  for (const [name, policy] of Object.entries(file?.policies ?? {}))
    if (policy.capture === 'efs')
      Object.assign(
        Resources,
        workerResources(name, policy, { deployment, userData, tags: service.provider.tags ?? {} }),
      );
}

/**
 * Serverless plugin: checks the stage's policy file before anything is built, and makes of each policy a parameter and
 * its schedules. The file is the one that custom.policies names.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Serverless } from '../packaging/serverless.ts';
import { type Checked, checkPolicies, written } from './check.ts';
import { logicalWords, parameterValue } from './parameter.ts';
import { schedulesOf } from './schedules.ts';

interface Log {
  warning(text: string): void;
}

export default class Policies {
  readonly hooks: Record<string, () => void>;

  constructor(serverless: Serverless, _options: unknown, { log }: { log: Log }) {
    let checked: Checked | undefined;
    this.hooks = {
      'before:package:initialize': () => {
        checked = readPolicies(serverless, log);
      },
      'before:package:finalize': () => {
        checked ??= readPolicies(serverless, log);
        addPolicies(serverless, checked);
      },
    };
  }
}

/** @throws the framework's own Error, which it shows without a stack, with a line for each fault */
function readPolicies(serverless: Serverless, log: Log): Checked {
  const { service, serviceDir, classes } = serverless;
  const name = service.custom.policies;
  const path = join(serviceDir, name);
  if (!existsSync(path))
    throw new classes.Error(
      `${name} is not there; params.policies in serverless.yml names each stage's file`,
    );
  const checked = checkPolicies(
    readFileSync(path, 'utf8'),
    new Date(),
    serverless.getProvider('aws').getRegion(),
  );
  for (const warning of checked.warnings) log.warning(written(name, warning));
  if (checked.faults.length > 0)
    throw new classes.Error(
      `${name} cannot be deployed\n${checked.faults.map((fault) => written(name, fault)).join('\n')}`,
    );
  return checked;
}

function addPolicies(serverless: Serverless, { policies, file }: Checked): void {
  const { service } = serverless;
  const deployment = `${service.service}-${serverless.getProvider('aws').getStage()}`;
  const { Resources } = service.provider.compiledCloudFormationTemplate;
  for (const { name, tagKey, raw } of policies)
    Resources[`${logicalWords(name)}PolicyParameter`] = {
      Type: 'AWS::SSM::Parameter',
      Properties: {
        Name: `/${deployment}/policies/${name}`,
        Type: 'String',
        Tier: 'Standard',
        Description: `The policy ${name}; change it in ${service.custom.policies} and deploy`,
        Value: parameterValue(name, tagKey, raw),
        Tags: service.provider.tags ?? {},
      },
    };
  if (file) Object.assign(Resources, schedulesOf(file));
}

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { deploy } from '../../../local/deploy/deploy.ts';
import type { LocalAccount } from '../../../local/local.ts';

const DEFINITION = join(import.meta.dirname, 'naive.asl.yml');

/** Deploys the naive machine beside the project's, with a role of its own. @returns its ARN */
export async function deployNaive({ account, region }: LocalAccount): Promise<string> {
  const service = 'states.amazonaws.com';
  const actions = ['ec2:CreateImage', 'ec2:DescribeImages'];
  const template = {
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: 'naive',
          AssumeRolePolicyDocument: {
            Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
          },
          Policies: [
            {
              PolicyName: 'naive',
              PolicyDocument: {
                Version: '2012-10-17',
                Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
              },
            },
          ],
        },
      },
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          StateMachineName: 'naive',
          DefinitionString: JSON.stringify(parse(readFileSync(DEFINITION, 'utf8'))),
          RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
        },
      },
    },
  };
  const directory = mkdtempSync(join(tmpdir(), 'backup-drill-naive-'));
  try {
    writeFileSync(join(directory, 'cloudformation-template-update-stack.json'), JSON.stringify(template));
    const { refs } = await deploy(account, directory, { stage: 'naive', region });
    return refs.Machine ?? '';
  } finally {
    rmSync(directory, { recursive: true });
  }
}

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { paginateListStateMachines, SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { type StageNames, stageNames } from './names.ts';
import { UsageError } from './usage.ts';

/** Where a deployed stage answers; what is left out comes from the person's own AWS settings. */
export interface Address {
  stage: string;
  region?: string | undefined;
  endpoint?: string | undefined;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken: string } | undefined;
}

/** A deployed stage, on AWS or in a local account: the same clients and the same names. */
export interface Deployment {
  names: StageNames;
  region: string;
  sfn: SFNClient;
  dynamodb: DynamoDBClient;
  s3: S3Client;
  ssm: SSMClient;
  /** The ARN of a machine by its name. @throws UsageError when the stage has none. */
  machine(name: string): Promise<string>;
}

/** Points the SDK's clients at a stage. Nothing is called yet. @throws UsageError when no Region is known. */
export async function connect({ stage, region, endpoint, credentials }: Address): Promise<Deployment> {
  const settings = {
    ...(region && { region }),
    ...(endpoint && { endpoint }),
    ...(credentials && { credentials }),
  };
  const names = stageNames(stage);
  const sfn = new SFNClient(settings);
  const known = await sfn.config.region().catch(() => {
    throw new UsageError('no Region is set: give --region, or set AWS_REGION');
  });
  return {
    names,
    region: known,
    sfn,
    dynamodb: new DynamoDBClient(settings),
    ssm: new SSMClient(settings),
    s3: new S3Client({
      ...settings,
      forcePathStyle: endpoint !== undefined,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    }),
    machine: async (name) => {
      for await (const page of paginateListStateMachines({ client: sfn }, {})) {
        const found = page.stateMachines?.find((machine) => machine.name === name);
        if (found?.stateMachineArn) return found.stateMachineArn;
      }
      throw new UsageError(
        `stage ${stage} is not deployed in ${known} (no state machine ${name}); npx serverless deploy --stage ${stage} --region ${known} makes it`,
      );
    },
  };
}

/** The account that an ARN names. */
export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

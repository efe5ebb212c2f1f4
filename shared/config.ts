import * as z from 'zod';

const schema = z.object({
  DEPLOYMENT: z.string(),
  RUNS_TABLE: z.string(),
  POINTS_TABLE: z.string(),
  STAGING_BUCKET: z.string(),
  EVIDENCE_BUCKET: z.string(),
  KEY_ARN: z.string(),
  TOPIC_ARN: z.string(),
  VPC_ID: z.string(),
  SUBNET_ID: z.string(),
  INSTANCE_SECURITY_GROUP: z.string(),
  ENDPOINT_SECURITY_GROUP: z.string(),
  INSTANCE_PROFILE: z.string(),
  INSTANCE_ROLE_ARN: z.string(),
  DOCUMENT_PREFIX: z.string(),
  VERSION: z.string().default('unknown'),
  AWS_REGION: z.string(),
});

/** What the stack tells each of its functions. */
export interface Config {
  /** `<service>-<stage>`: the owner that stands on everything this deployment makes. */
  deployment: string;
  /** DynamoDB: runs, their ledgers, locks. */
  runsTable: string;
  /** DynamoDB: the index of recovery points. */
  pointsTable: string;
  /** S3: manifests and test data in flight; expires. */
  stagingBucket: string;
  /** S3 under Object Lock: evidence, reference manifests, launch fingerprints. */
  evidenceBucket: string;
  keyArn: string;
  topicArn: string;
  /** The sandbox, where copies and drills run: VPC, its one subnet, security groups, the instances' own profile name. */
  sandbox: {
    vpcId: string;
    subnetId: string;
    instanceSecurityGroup: string;
    endpointSecurityGroup: string;
    instanceProfile: string;
    /** The role in it. */
    instanceRoleArn: string;
  };
  /** SSM documents of this stack are named `<documentPrefix>-<document>`. */
  documentPrefix: string;
  /** Of the deployed code, as package.json has it. */
  version: string;
  region: string;
}

/** Reads the functions' environment. @throws ZodError naming the variable that is missing. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const env = schema.parse(environment);
  return {
    deployment: env.DEPLOYMENT,
    runsTable: env.RUNS_TABLE,
    pointsTable: env.POINTS_TABLE,
    stagingBucket: env.STAGING_BUCKET,
    evidenceBucket: env.EVIDENCE_BUCKET,
    keyArn: env.KEY_ARN,
    topicArn: env.TOPIC_ARN,
    sandbox: {
      vpcId: env.VPC_ID,
      subnetId: env.SUBNET_ID,
      instanceSecurityGroup: env.INSTANCE_SECURITY_GROUP,
      endpointSecurityGroup: env.ENDPOINT_SECURITY_GROUP,
      instanceProfile: env.INSTANCE_PROFILE,
      instanceRoleArn: env.INSTANCE_ROLE_ARN,
    },
    documentPrefix: env.DOCUMENT_PREFIX,
    version: env.VERSION,
    region: env.AWS_REGION,
  };
}

import * as v from 'valibot';
import { parsed } from './parsed.ts';

const schema = v.object({
  DEPLOYMENT: v.string(),
  RUNS_TABLE: v.string(),
  POINTS_TABLE: v.string(),
  STAGING_BUCKET: v.string(),
  EVIDENCE_BUCKET: v.string(),
  KEY_ARN: v.string(),
  TOPIC_ARN: v.string(),
  VPC_ID: v.string(),
  SUBNET_ID: v.string(),
  INSTANCE_SECURITY_GROUP: v.string(),
  ENDPOINT_SECURITY_GROUP: v.string(),
  INSTANCE_PROFILE: v.string(),
  INSTANCE_ROLE_ARN: v.string(),
  DOCUMENT_PREFIX: v.string(),
  VERSION: v.optional(v.string(), 'unknown'),
  AWS_REGION: v.string(),
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

/** Reads the functions' environment. @throws ValiError naming the variable that is missing. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const env = parsed(schema, environment);
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

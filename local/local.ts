import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Account, type ServiceFactory } from './account/account.ts';
import { autoScalingService } from './account/autoscaling/autoscaling.ts';
import { cloudWatchService } from './account/cloudwatch/cloudwatch.ts';
import { type DynamoDb, dynamodbService } from './account/dynamodb/dynamodb.ts';
import { ec2Service } from './account/ec2/ec2.ts';
import { efsService } from './account/efs/efs.ts';
import { eventsService } from './account/events/events.ts';
import { AccountIam } from './account/iam/accountIam.ts';
import { kmsService } from './account/kms/kms.ts';
import { LambdaService } from './account/lambda/lambda.ts';
import type { Physics } from './account/physics.ts';
import { s3Service } from './account/s3/s3.ts';
import { type Scheduler, schedulerService } from './account/scheduler/scheduler.ts';
import { snsService } from './account/sns/sns.ts';
import { sqsService } from './account/sqs/sqs.ts';
import { ssmService } from './account/ssm/ssm.ts';
import { statesService } from './account/states/states.ts';
import { stsService } from './account/sts/sts.ts';
import { Clock } from './clock.ts';
import { type Deployed, deploy } from './deploy/deploy.ts';
import { packageTemplate } from './deploy/package.ts';
import { HollowDisks } from './host/hollowDisks.ts';
import type { CorruptionKind } from './host/host.ts';
import { LocalHost } from './host/localHost.ts';
import { type Credentials, Principals } from './wire/principals.ts';
import { listen } from './wire/server.ts';

export interface LocalOptions {
  /** `dev` unless told. */
  stage?: string | undefined;
  /** `eu-west-1` unless told. */
  region?: string | undefined;
  /** Where it listens on 127.0.0.1; 0, any free port, unless told. */
  port?: number | undefined;
  /** Virtual seconds a real one; `max`, which skips every wait, unless told. */
  speed?: number | 'max' | undefined;
  /** What data volumes are; `loop` needs root on Linux. */
  disks?: 'directories' | 'loop' | undefined;
  /** How instances are kept apart; the best that the machine allows unless told. */
  isolation?: 'auto' | 'namespace' | 'root-parameter' | undefined;
  /** Seed of the physics. */
  seed?: number | undefined;
  /** What differs from the usual delays. */
  physics?: Partial<Physics> | undefined;
  /** Makes what the account has before the stack is deployed into it. */
  prepare?: ((account: Account, region: string) => void) | undefined;
  /** What `packageTemplate` gave; made, or taken from its cache, unless told. */
  packaged?: string | undefined;
}

/** A running account with everything of the packaged template in it. */
export interface LocalAccount extends Deployed {
  account: Account;
  host: LocalHost;
  iam: AccountIam;
  stage: string;
  region: string;
  /** `http://127.0.0.1:<port>`, where every service of it answers. */
  endpoint: string;
  /** The operator's keys: they may do everything. */
  credentials: Credentials;
  /** How instances are kept apart on this machine. */
  isolation: 'namespace' | 'user-namespace' | 'root-parameter';
  /** Has the next instance that is launched from a backup damaged before its first boot. */
  damageRestoredCopy(kind: CorruptionKind): void;
  /**
   * Lets the schedules of policies fire when they are due, until a virtual moment (milliseconds) or, on a clock with a
   * speed of its own, as long as the account lives.
   */
  runSchedules(until?: number): void;
  /** Powers all off and removes everything from this machine. */
  close(): Promise<void>;
}

/**
 * Packages the project unless that is done, and deploys it into a new account in this process.
 * @throws PackagingFailed, DeploymentRefused; Error with the code EADDRINUSE when the port is taken
 */
export async function startLocal(options: LocalOptions = {}): Promise<LocalAccount> {
  const { stage = 'dev', region = 'eu-west-1', port = 0 } = options;
  const packaged = options.packaged ?? (await packageTemplate({ stage, region }));
  const directory = await mkdtemp(join(tmpdir(), 'backup-drill-'));
  const closing: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= inTurn(closing.reverse());
    return closed;
  };
  try {
    const clock = new Clock(options.speed === undefined ? {} : { speed: options.speed });
    const iam = new AccountIam({ now: () => clock.now() });
    const { disks, isolation } = options;
    const host = new LocalHost(join(directory, 'host'), clock, {
      ...(disks && { disks }),
      ...(isolation && { isolation }),
    });
    closing.push(() => host.dispose());
    const principals = new Principals();
    const account = new Account({
      clock,
      directory,
      iam,
      host: new HollowDisks(host),
      services: services(principals, closing),
      ...(options.seed !== undefined && { seed: options.seed }),
      ...(options.physics && { physics: options.physics }),
    });
    const server = await listen(account, principals, port);
    closing.push(() => server.close());
    options.prepare?.(account, region);
    const deployed = await deploy(account, packaged, { stage, region });
    return {
      ...deployed,
      account,
      host,
      iam,
      stage,
      region,
      endpoint: server.endpoint,
      credentials: principals.issue(account.operator),
      isolation: isolationOf(host),
      damageRestoredCopy: (kind) => {
        host.corrupt = { kind };
      },
      runSchedules: (until) => {
        const end = account.service<Scheduler>('scheduler', region).run(until);
        closing.push(async () => end());
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Does all of them, one after the other, also when some fail. @throws what the first of these threw */
async function inTurn(steps: (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) await step().catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/** The factories of all services; what they keep open is closed with the account. */
function services(
  principals: Principals,
  closing: (() => Promise<unknown>)[],
): Record<string, ServiceFactory> {
  return {
    autoscaling: autoScalingService,
    cloudwatch: cloudWatchService,
    dynamodb: (account, region) => {
      const service: DynamoDb = dynamodbService(account, region);
      closing.push(() => service.close());
      return service;
    },
    ec2: ec2Service,
    elasticfilesystem: efsService,
    events: eventsService,
    kms: kmsService,
    lambda: (account, region) => {
      const service = new LambdaService(account, region, (principal) => principals.issue(principal));
      closing.push(() => service.dispose());
      return service;
    },
    s3: s3Service,
    scheduler: schedulerService,
    sns: snsService,
    sqs: sqsService,
    ssm: ssmService,
    states: statesService,
    sts: stsService,
  };
}

/** Namespaces of an ordinary user come with a user namespace around them. */
function isolationOf({ isolation }: LocalHost): LocalAccount['isolation'] {
  return isolation === 'namespace' && process.getuid?.() !== 0 ? 'user-namespace' : isolation;
}

import type {
  DescribeFileSystemPolicyRequest,
  DescribeFileSystemsRequest,
  DescribeMountTargetsRequest,
  FileSystemDescription,
  MountTargetDescription,
} from '@aws-sdk/client-efs';
import type { Account } from '../account.ts';
import type { Ec2Service } from '../ec2/ec2.ts';
import { type Access, AwsError, type Service } from '../service.ts';

interface FileSystem {
  data: Omit<FileSystemDescription, 'NumberOfMountTargets'>;
  policy: string | undefined;
  /** What was taken from its burst credits, in bytes, and since when. */
  used: { at: number; bytes: number }[];
}

/** Burst credits of a file system that has used none, in bytes, and what one may drive by them, in bytes a second. */
const CREDITS = 2.1 * 2 ** 40;
const BURST = 100 * 2 ** 20;

/** A file system as CloudFormation or a person makes it. */
export interface FileSystemProperties {
  /** Its id, where a test or the command line names one beforehand. */
  id?: string;
  /** The directory of this machine that it is; an empty one of the account's own unless told. */
  directory?: string;
  encrypted?: boolean;
  keyArn?: string;
  tags?: { Key: string; Value: string }[];
  policy?: unknown;
  /** Elastic unless told, as in the console. */
  throughputMode?: 'elastic' | 'bursting';
}

/** EFS in one Region: file systems, which are directories of this machine, their mount targets and policies. */
export class Efs implements Service {
  readonly operations: Service['operations'];
  readonly #account: Account;
  readonly #region: string;
  readonly #fileSystems = new Map<string, FileSystem>();
  readonly #mountTargets: MountTargetDescription[] = [];

  constructor(account: Account, region: string) {
    this.#account = account;
    this.#region = region;
    account
      .service<Ec2Service>('ec2', region)
      .offerFileSystems((vpcId, zone) => this.#mountable(vpcId, zone));
    this.operations = {
      DescribeFileSystems: {
        access: (input: DescribeFileSystemsRequest) => this.#access('DescribeFileSystems', input),
        run: ({ FileSystemId }: DescribeFileSystemsRequest) => ({
          FileSystems: FileSystemId
            ? [this.#shown(this.#find(FileSystemId))]
            : [...this.#fileSystems.values()].map((one) => this.#shown(one)),
        }),
      },
      DescribeMountTargets: {
        access: (input: DescribeMountTargetsRequest) => this.#access('DescribeMountTargets', input),
        run: ({ FileSystemId = '' }: DescribeMountTargetsRequest) => {
          this.#find(FileSystemId);
          return { MountTargets: this.#mountTargets.filter((one) => one.FileSystemId === FileSystemId) };
        },
      },
      DescribeFileSystemPolicy: {
        access: (input: DescribeFileSystemPolicyRequest) => this.#access('DescribeFileSystemPolicy', input),
        run: ({ FileSystemId }: DescribeFileSystemPolicyRequest) => {
          const { policy } = this.#find(FileSystemId);
          if (policy === undefined)
            throw new AwsError(
              'PolicyNotFound',
              `File system policy for file system '${FileSystemId}' does not exist.`,
              404,
            );
          return { FileSystemId, Policy: policy };
        },
      },
    };
  }

  /** Makes a file system. @returns its id */
  createFileSystem(properties: FileSystemProperties = {}): string {
    const id = properties.id ?? `fs-0${this.#hex(16)}`;
    const { partition, id: OwnerId } = this.#account;
    this.#account.host.createFileSystem(id, properties.directory);
    const Tags = properties.tags ?? [];
    this.#fileSystems.set(id, {
      policy: properties.policy === undefined ? undefined : JSON.stringify(properties.policy),
      used: [],
      data: {
        FileSystemId: id,
        FileSystemArn: `arn:${partition}:elasticfilesystem:${this.#region}:${OwnerId}:file-system/${id}`,
        OwnerId,
        CreationToken: id,
        CreationTime: new Date(this.#account.clock.now()),
        LifeCycleState: 'available',
        Encrypted: properties.encrypted ?? false,
        ...(properties.keyArn !== undefined && { KmsKeyId: properties.keyArn }),
        PerformanceMode: 'generalPurpose',
        ThroughputMode: properties.throughputMode ?? 'elastic',
        SizeInBytes: { Value: 6144 },
        Tags,
        ...nameOf(Tags),
      },
    });
    return id;
  }

  /** Sets a file system's policy, or takes it away. */
  putPolicy(fileSystemId: string, policy: unknown): void {
    this.#find(fileSystemId).policy = policy === undefined ? undefined : JSON.stringify(policy);
  }

  /** Takes from a file system's burst credits, as its clients do. */
  useCredits(fileSystemId: string, bytes: number): void {
    this.#find(fileSystemId).used.push({ at: this.#account.clock.now(), bytes });
  }

  /** What a file system has measured in a minute, or nothing: one with elastic throughput has no burst credits. */
  measured(fileSystemId: string, metric: string, at: number): number[] {
    const found = this.#fileSystems.get(fileSystemId);
    if (!found || at < (found.data.CreationTime?.getTime() ?? 0)) return [];
    const bursting = found.data.ThroughputMode === 'bursting';
    if (metric === 'PermittedThroughput') return [bursting ? BURST : 10 * BURST];
    if (metric !== 'BurstCreditBalance' || !bursting) return [];
    const used = found.used.filter((one) => one.at <= at).reduce((sum, { bytes }) => sum + bytes, 0);
    return [Math.max(0, CREDITS - used)];
  }

  /** Lets a file system be reached from a subnet's zone. @returns the mount target's id */
  createMountTarget(of: { FileSystemId: string; SubnetId: string; VpcId: string; zone: string }): string {
    const { FileSystemId, SubnetId, VpcId, zone } = of;
    this.#find(FileSystemId);
    const MountTargetId = `fsmt-0${this.#hex(16)}`;
    this.#mountTargets.push({
      MountTargetId,
      FileSystemId,
      SubnetId,
      VpcId,
      AvailabilityZoneName: zone,
      LifeCycleState: 'available',
      OwnerId: this.#account.id,
    });
    return MountTargetId;
  }

  /** The file systems that an instance in a VPC and zone can mount. */
  #mountable(vpcId: string | undefined, zone: string | undefined): string[] {
    const there = this.#mountTargets.filter(
      (one) => one.VpcId === vpcId && one.AvailabilityZoneName === zone,
    );
    return [...new Set(there.flatMap((one) => one.FileSystemId ?? []))];
  }

  arn(fileSystemId: string): string {
    return this.#find(fileSystemId).data.FileSystemArn ?? '';
  }

  #find(id: string | undefined): FileSystem {
    const found = this.#fileSystems.get(id ?? '');
    if (!found) throw new AwsError('FileSystemNotFound', `File system '${id}' does not exist.`, 404);
    return found;
  }

  #shown({ data }: FileSystem): FileSystemDescription {
    const targets = this.#mountTargets.filter((one) => one.FileSystemId === data.FileSystemId);
    return { ...data, NumberOfMountTargets: targets.length };
  }

  /** With an id it is asked about that file system, with its tags; without one, about all. */
  #access(operation: string, { FileSystemId }: { FileSystemId?: string | undefined }): Access[] {
    const { partition, id } = this.#account;
    const resource = FileSystemId
      ? `arn:${partition}:elasticfilesystem:${this.#region}:${id}:file-system/${FileSystemId}`
      : '*';
    const tags = this.#fileSystems.get(FileSystemId ?? '')?.data.Tags ?? [];
    const context = Object.fromEntries(tags.map(({ Key, Value }) => [`aws:ResourceTag/${Key}`, Value ?? '']));
    return [{ action: `elasticfilesystem:${operation}`, resource, context }];
  }

  #hex(digits: number): string {
    return Array.from({ length: digits }, () => Math.floor(this.#account.random() * 16).toString(16)).join(
      '',
    );
  }
}

function nameOf(tags: { Key: string; Value: string }[]): { Name?: string } {
  const name = tags.find(({ Key }) => Key === 'Name')?.Value;
  return name === undefined ? {} : { Name: name };
}

export function efsService(account: Account, region: string): Efs {
  return new Efs(account, region);
}

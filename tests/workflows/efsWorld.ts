import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LAB_FILE } from '../../cli/place.ts';
import type { AutoScaling } from '../../local/account/autoscaling/autoscaling.ts';
import { EFS_EXAMPLE, prepareEfs } from '../../local/efsExample.ts';
import type { LocalOptions } from '../../local/local.ts';
import { type Outcome, World } from './world.ts';

const GROUP = `backup-drill-${EFS_EXAMPLE.stage}-efs-${EFS_EXAMPLE.policy}`;

/** The packaged template with policies.efs.yml in a local account, whose file systems are two directories. */
export class EfsWorld {
  readonly world: World;
  readonly source: string;
  readonly destination: string;
  readonly #directory: string;

  private constructor(world: World, directory: string) {
    this.world = world;
    this.#directory = directory;
    this.source = join(directory, 'source');
    this.destination = join(directory, 'destination');
  }

  static async start(options: LocalOptions = {}): Promise<EfsWorld> {
    const directory = mkdtempSync(join(tmpdir(), 'backup-drill-efs-'));
    const [source, destination] = [join(directory, 'source'), join(directory, 'destination')];
    const world = await World.start({
      stage: EFS_EXAMPLE.stage,
      prepare: (account, region) => prepareEfs(account, region, { source, destination }),
      ...options,
    });
    return new EfsWorld(world, directory);
  }

  async close(): Promise<void> {
    await this.world.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  get autoScaling(): AutoScaling {
    const { account, region } = this.world.local;
    return account.service<AutoScaling>('autoscaling', region);
  }

  begin(machine: string, input: object = {}): Promise<string> {
    return this.world.begin(machine, { policy: EFS_EXAMPLE.policy, ...input });
  }

  run(machine: string, input: object = {}): Promise<Outcome> {
    return this.world.run(machine, { policy: EFS_EXAMPLE.policy, ...input });
  }

  // biome-ignore lint/suspicious/noExplicitAny: as the API shows it
  async group(): Promise<any> {
    const { AutoScalingGroups } = await this.world.call('autoscaling', 'DescribeAutoScalingGroups', {
      AutoScalingGroupNames: [GROUP],
    });
    return AutoScalingGroups[0];
  }

  /** Runs a command line against this account, as against a lab. */
  async commandLine(...words: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
    const { stage, region, endpoint, credentials } = this.world.local;
    const file = join(this.#directory, LAB_FILE);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ stage, region, endpoint, credentials }));
    const program = join(import.meta.dirname, '../../cli/backup-drill.ts');
    const child = spawn(process.execPath, [program, ...words], { cwd: this.#directory });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
      });
    const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { status, ...said };
  }

  /** The worker that is in service, once there is one. */
  async worker(): Promise<string> {
    for (;;) {
      const { Instances } = await this.group();
      const found = Instances.find((one: { LifecycleState: string }) => one.LifecycleState === 'InService');
      if (found) return found.InstanceId;
      await this.world.pass(5);
    }
  }

  /** Waits until an execution has entered a state. */
  async reach(arn: string, state: string): Promise<void> {
    for (;;) {
      const [events = []] = await this.world.histories(arn);
      if (events.some((event) => event.stateEnteredEventDetails?.name === state)) return;
      await this.world.pass(5);
    }
  }

  /** Lets everything that is still under way come to its end: hooks, terminations, cleanups. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      await this.world.pass(120);
      const { Instances } = await this.group();
      quiet = Instances.length === 0 && (await this.running()).length === 0 ? quiet + 1 : 0;
    }
  }

  /** Names of executions of all machines that are still running. */
  async running(): Promise<string[]> {
    const machines = ['EfsBackup', 'EfsRestore', 'WorkerCleanup', 'RunCommand'];
    const lists = machines.map(async (machine) => {
      const stateMachineArn = this.world.local.refs[`${machine}StateMachine`];
      const asked = { stateMachineArn, statusFilter: 'RUNNING' };
      return (await this.world.call('states', 'ListExecutions', asked)).executions;
    });
    return (await Promise.all(lists)).flat().map(({ name }: { name: string }) => name);
  }

  /** What a run may have left: instances, a group that is not at none or not its usual self, locks. */
  async leftBehind(): Promise<unknown[]> {
    const { DesiredCapacity, Instances, SuspendedProcesses } = await this.group();
    const { Reservations } = await this.world.call('ec2', 'DescribeInstances');
    const alive = Reservations.flatMap((one: { Instances: object[] }) => one.Instances).filter(
      (one: { State: { Name: string } }) => one.State.Name !== 'terminated',
    );
    return [
      ...alive.map(({ InstanceId }: { InstanceId: string }) => InstanceId),
      ...Instances,
      ...(DesiredCapacity === 0 ? [] : [`desired ${DesiredCapacity}`]),
      ...SuspendedProcesses,
      ...(await this.world.locks()),
    ];
  }
}

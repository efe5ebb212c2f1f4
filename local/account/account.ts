import { Clock } from '../clock.ts';
import type { Host } from '../host/host.ts';
import { unknownKey } from './credentials.ts';
import { FaultPlan } from './faults.ts';
import type { Iam } from './iam/iam.ts';
import { Meter } from './meter.ts';
import { PHYSICS, type Physics } from './physics.ts';
import { seededRandom } from './random.ts';
import { AwsError, type Call, type Principal, type Service } from './service.ts';
import { Timeline } from './timeline.ts';

/** Makes a service for one Region of an account. */
export type ServiceFactory = (account: Account, region: string) => Service;

/** The words in which services say that there have been too many calls. */
const THROTTLED = new Set([
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

export interface AccountOptions {
  clock?: Clock;
  /** Seed of every random choice of the physics. */
  seed?: number;
  /** An empty directory of this machine for volumes, snapshots and objects; the caller removes it. */
  directory: string;
  iam: Iam;
  /** The disks and the shell of the instances. */
  host: Host;
  /** What differs from the usual delays. */
  physics?: Partial<Physics>;
  services: Record<string, ServiceFactory>;
}

/** One simulated AWS account: services by Region behind one door, where faults, IAM and the meter stand. */
export class Account {
  readonly id = '123456789012';
  readonly partition = 'aws';
  readonly clock: Clock;
  readonly random: () => number;
  readonly directory: string;
  readonly iam: Iam;
  readonly host: Host;
  readonly physics: Physics;
  readonly faults = new FaultPlan();
  readonly meter = new Meter();
  readonly timeline = new Timeline();
  /** Regions that are switched off: nobody's keys are known there. */
  readonly switchedOff = new Set<string>();
  /** Where the account listens, `http://127.0.0.1:<port>`; empty until it does. */
  endpoint = '';
  #factories: Record<string, ServiceFactory>;
  #services = new Map<string, Service>();

  constructor(options: AccountOptions) {
    this.clock = options.clock ?? new Clock();
    this.random = seededRandom(options.seed ?? 1);
    this.directory = options.directory;
    this.iam = options.iam;
    this.host = options.host;
    this.physics = { ...PHYSICS, ...options.physics };
    this.#factories = options.services;
  }

  /** The person at the keyboard: may do everything, like an administrator. */
  get operator(): Principal {
    return { arn: `arn:${this.partition}:iam::${this.id}:root` };
  }

  /** The service of a Region, made at first use. @throws AwsError when the account has no such service. */
  service<T extends Service = Service>(name: string, region: string): T {
    const key = `${name}/${region}`;
    let service = this.#services.get(key);
    if (!service) {
      const make = this.#factories[name];
      if (!make) throw new AwsError('UnknownService', `${name} is not simulated`);
      service = make(this, region);
      this.#services.set(key, service);
    }
    return service as T;
  }

  /**
   * Performs one call: arranged faults first, then IAM for everything that the call touches, then the operation.
   * @throws AwsError in the service's own words.
   */
  async call(call: Call): Promise<unknown> {
    this.meter.call(call.service, call.operation);
    try {
      return await this.#perform(call);
    } catch (error) {
      if (error instanceof AwsError && THROTTLED.has(error.code))
        this.meter.throttle(call.service, call.operation);
      throw error;
    }
  }

  async #perform(call: Call): Promise<unknown> {
    if (this.switchedOff.has(call.region)) throw unknownKey(call.service);
    const service = this.service(call.service, call.region);
    const operation = service.operations[call.operation];
    if (!operation)
      throw new AwsError('NotSimulated', `${call.service}:${call.operation} is not simulated`, 501);
    this.faults.check(call.service, call.operation, call.input);
    for (const access of operation.access(call.input, call)) this.iam.require(call.principal, access, call);
    return await operation.run(call.input, call);
  }
}

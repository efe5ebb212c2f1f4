import type { Account } from '../account.ts';
import { AwsError, type Principal, type Service } from '../service.ts';
import type { Sqs } from '../sqs/sqs.ts';
import { type Expression, expressionOf } from './expression.ts';

/** A schedule as CloudFormation makes it, its role by name. */
export interface Schedule {
  name: string;
  group: string;
  expression: string;
  timezone: string;
  /** The start is spread over so many minutes; 0: none. */
  flexibleMinutes: number;
  roleName: string;
  /** Input of StartExecution as JSON; `<aws.scheduler.…>` in it is replaced. */
  input: string;
  maximumAgeSeconds: number;
  maximumRetries: number;
  /** A queue for starts that fail for good. */
  deadLetterArn?: string;
}

interface Kept extends Schedule {
  arn: string;
  times: Expression;
}

/** Milliseconds before the first repetition; it doubles from one to the next. */
const FIRST_RETRY = 1000;
const MINUTE = 60_000;
/** At the speed of the machine's clock a timer cannot be set for longer than some 24 days. */
const LONGEST_WAIT = 24 * 60 * MINUTE;
/** Errors that no patience helps against. */
const FINAL = ['AccessDeniedException', 'StateMachineDoesNotExist', 'InvalidName', 'InvalidExecutionInput'];

/**
 * EventBridge Scheduler in one Region, as far as starting state machines goes. Schedules stand still until somebody
 * lets them run: otherwise time that skips every wait would have no end.
 */
export class Scheduler implements Service {
  readonly operations = {};
  readonly #account: Account;
  readonly #region: string;
  readonly #groups = new Set(['default']);
  readonly #schedules: Kept[] = [];
  #invocations = 0;

  constructor(account: Account, region: string) {
    this.#account = account;
    this.#region = region;
  }

  /** Makes a group, as CloudFormation does. @returns its ARN */
  createGroup(name: string): string {
    this.#groups.add(name);
    return this.#arn(`schedule-group/${name}`);
  }

  /** Makes a schedule, as CloudFormation does. @returns its ARN @throws AwsError ValidationException, … */
  createSchedule(schedule: Schedule): string {
    const { name, group, expression, timezone } = schedule;
    if (!this.#groups.has(group))
      throw new AwsError('ResourceNotFoundException', `Schedule group ${group} does not exist.`);
    if (!/^[0-9a-zA-Z-_.]{1,64}$/.test(name)) throw invalid(`Invalid schedule name ${name}.`);
    if (timezone !== 'UTC' && !isZone(timezone))
      throw invalid(`Invalid Schedule Expression Timezone ${timezone}.`);
    const times = expressionOf(expression, timezone, this.#account.clock.now());
    if (!times) throw invalid(`Invalid Schedule Expression ${expression}.`);
    const arn = this.#arn(`schedule/${group}/${name}`);
    if (this.#schedules.some((one) => one.arn === arn))
      throw new AwsError('ConflictException', `Schedule ${name} already exists.`, 409);
    this.#schedules.push({ ...schedule, arn, times });
    return arn;
  }

  /** The names of all schedules, with when each is due next. */
  due(): { name: string; at: number | undefined }[] {
    const now = this.#account.clock.now();
    return this.#schedules.map(({ name, times }) => ({ name, at: times.after(now) }));
  }

  /**
   * Lets all schedules fire when they are due. @param until virtual milliseconds up to which they do; without it as
   * long as the account lives, which only a clock with a speed of its own allows. @returns what ends it
   */
  run(until?: number): () => void {
    const { clock } = this.#account;
    if (until === undefined && clock.speed === 'max')
      throw new Error('schedules have no end: say until when they are to fire, or give the clock a speed');
    const endings = this.#schedules.map((schedule) =>
      this.#follow(schedule, until ?? Number.POSITIVE_INFINITY),
    );
    return () => {
      for (const end of endings) end();
    };
  }

  /** Fires one schedule now, whenever it is due. Resolves when it has started its machine, or given up. */
  async fire(name: string): Promise<void> {
    const schedule = this.#schedules.find((one) => one.name === name);
    if (!schedule) throw new AwsError('ResourceNotFoundException', `Schedule ${name} does not exist.`, 404);
    await this.#invoke(schedule, this.#account.clock.now());
  }

  #follow(schedule: Kept, until: number): () => void {
    const { clock, random } = this.#account;
    let cancel = () => {};
    const arm = (from: number) => {
      const at = schedule.times.after(from);
      if (at !== undefined && at < until) approach(at);
    };
    const approach = (at: number) => {
      const wait = at - clock.now();
      cancel = clock.after(Math.min(wait, LONGEST_WAIT), () => {
        if (wait > LONGEST_WAIT) return approach(at);
        arm(at);
        // Not held: it may wait between attempts, and time has to go on for that.
        void clock.sleep(random() * schedule.flexibleMinutes * MINUTE).then(() => this.#invoke(schedule, at));
      });
    };
    arm(clock.now());
    return () => cancel();
  }

  async #invoke(schedule: Kept, scheduled: number): Promise<void> {
    const { clock } = this.#account;
    const began = clock.now();
    for (let attempt = 1; ; attempt++) {
      const failure = await this.#attempt(schedule, scheduled, attempt);
      if (!failure) return;
      const pause = FIRST_RETRY * 2 ** (attempt - 1);
      const tooOld = clock.now() + pause - began > schedule.maximumAgeSeconds * 1000;
      const exhausted = FINAL.includes(failure.code)
        ? ''
        : attempt > schedule.maximumRetries
          ? 'MaximumRetryAttempts'
          : tooOld && 'MaximumEventAgeInSeconds';
      if (exhausted !== false) return await this.#bury(schedule, scheduled, attempt, failure, exhausted);
      await clock.sleep(pause);
    }
  }

  async #attempt(schedule: Kept, scheduled: number, attempt: number): Promise<AwsError | undefined> {
    const executionId = (++this.#invocations).toString(16).padStart(16, '0');
    const input = JSON.parse(filled(schedule, scheduled, executionId, attempt));
    const call = { stateMachineArn: input.StateMachineArn, name: input.Name, input: input.Input };
    try {
      await this.#call(schedule, 'states', 'StartExecution', call);
      return undefined;
    } catch (error) {
      if (error instanceof AwsError) return error;
      throw error;
    }
  }

  async #bury(
    schedule: Kept,
    scheduled: number,
    attempts: number,
    { code, message }: AwsError,
    condition: string,
  ): Promise<void> {
    if (schedule.deadLetterArn === undefined) return;
    const attributes: Record<string, string> = {
      ERROR_CODE: code,
      ERROR_MESSAGE: message,
      ...(condition && { EXHAUSTED_RETRY_CONDITION: condition }),
      RETRY_ATTEMPTS: String(attempts - 1),
      SCHEDULE_ARN: schedule.arn,
      SCHEDULED_TIME: moment(scheduled),
      TARGET_ARN: `arn:${this.#account.partition}:scheduler:::aws-sdk:sfn:startExecution`,
    };
    const sqs = this.#account.service<Sqs>('sqs', this.#region);
    await this.#call(schedule, 'sqs', 'SendMessage', {
      QueueUrl: sqs.urlOf(schedule.deadLetterArn),
      MessageBody: schedule.input,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      ),
    }).catch((error) => {
      // AWS counts it as InvocationsFailedToBeSentToDeadLetterCount, and says no more.
      if (!(error instanceof AwsError)) throw error;
    });
  }

  async #call({ roleName: role }: Kept, service: string, operation: string, input: object): Promise<void> {
    const { partition, id } = this.#account;
    const principal: Principal = { arn: `arn:${partition}:sts::${id}:assumed-role/${role}/scheduler`, role };
    await this.#account.call({ principal, region: this.#region, service, operation, input });
  }

  #arn(resource: string): string {
    const { partition, id } = this.#account;
    return `arn:${partition}:scheduler:${this.#region}:${id}:${resource}`;
  }
}

function filled({ input, arn }: Kept, scheduled: number, executionId: string, attempt: number): string {
  return input
    .replaceAll('<aws.scheduler.schedule-arn>', arn)
    .replaceAll('<aws.scheduler.scheduled-time>', moment(scheduled))
    .replaceAll('<aws.scheduler.execution-id>', executionId)
    .replaceAll('<aws.scheduler.attempt-number>', String(attempt));
}

function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export function schedulerService(account: Account, region: string): Scheduler {
  return new Scheduler(account, region);
}

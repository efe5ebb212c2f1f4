import type { Account } from '../account.ts';
import { AwsError, type Service } from '../service.ts';

export interface Message {
  body: string;
  attributes: Record<string, string>;
  /** Virtual milliseconds. */
  at: number;
}

interface Sent {
  QueueUrl?: string;
  MessageBody?: string;
  MessageAttributes?: Record<string, { StringValue?: string }>;
}

/** SQS: standard queues, and what lies in them. Nothing here receives. */
export class Sqs implements Service {
  readonly #account: Account;
  readonly #region: string;
  readonly #queues = new Map<string, Message[]>();

  constructor(account: Account, region: string) {
    this.#account = account;
    this.#region = region;
  }

  /** Makes a queue, as CloudFormation does. @throws AwsError InvalidParameterValue */
  createQueue(name: string): { url: string; arn: string } {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(name))
      throw new AwsError(
        'InvalidParameterValue',
        'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
      );
    const { id } = this.#account;
    const url = `https://sqs.${this.#region}.amazonaws.com/${id}/${name}`;
    this.#queues.set(url, []);
    return { url, arn: this.#arn(url) };
  }

  /** The URL of a queue by its ARN. */
  urlOf(arn: string): string | undefined {
    return [...this.#queues.keys()].find((url) => this.#arn(url) === arn);
  }

  /** What lies in a queue, the oldest first. */
  messages(url: string): readonly Message[] {
    return this.#queues.get(url) ?? [];
  }

  #arn(url: string): string {
    const { partition, id } = this.#account;
    return `arn:${partition}:sqs:${this.#region}:${id}:${url.split('/').at(-1)}`;
  }

  readonly operations: Service['operations'] = {
    SendMessage: {
      access: ({ QueueUrl = '' }: Sent) => [{ action: 'sqs:SendMessage', resource: this.#arn(QueueUrl) }],
      run: ({ QueueUrl = '', MessageBody = '', MessageAttributes = {} }: Sent) => {
        const queue = this.#queues.get(QueueUrl);
        if (!queue)
          throw new AwsError(
            'AWS.SimpleQueueService.NonExistentQueue',
            'The specified queue does not exist.',
          );
        const attributes = Object.entries(MessageAttributes).map(([name, value]) => [
          name,
          value.StringValue ?? '',
        ]);
        queue.push({
          body: MessageBody,
          attributes: Object.fromEntries(attributes),
          at: this.#account.clock.now(),
        });
        return {};
      },
    },
  };
}

export function sqsService(account: Account, region: string): Sqs {
  return new Sqs(account, region);
}

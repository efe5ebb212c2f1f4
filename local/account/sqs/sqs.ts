import { seededUuid } from '../../asl/uuid.ts';
import type { Account } from '../account.ts';
import { AwsError, type Service } from '../service.ts';

export interface Message {
  body: string;
  attributes: Record<string, string>;
  /** Virtual milliseconds. */
  at: number;
}

interface Kept extends Message {
  id: string;
  /** Until then nobody receives it: somebody has, and may still be at it. */
  hiddenUntil: number;
}

interface Sent {
  QueueUrl?: string;
  MessageBody?: string;
  MessageAttributes?: Record<string, { StringValue?: string }>;
}

interface Received {
  QueueUrl?: string;
  MaxNumberOfMessages?: number;
  VisibilityTimeout?: number;
  WaitTimeSeconds?: number;
  MessageAttributeNames?: string[];
}

/** Seconds for which a message that was received is hidden, unless the call says otherwise. */
const VISIBILITY = 30;

/** SQS: standard queues, and what lies in them. What is received stays; nothing deletes. */
export class Sqs implements Service {
  readonly #account: Account;
  readonly #region: string;
  readonly #queues = new Map<string, Kept[]>();

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

  /** @throws AwsError AWS.SimpleQueueService.NonExistentQueue */
  #queue(url: string): Kept[] {
    const queue = this.#queues.get(url);
    if (queue) return queue;
    throw new AwsError('AWS.SimpleQueueService.NonExistentQueue', 'The specified queue does not exist.');
  }

  #arn(url: string): string {
    const { partition, id } = this.#account;
    return `arn:${partition}:sqs:${this.#region}:${id}:${url.split('/').at(-1)}`;
  }

  readonly operations: Service['operations'] = {
    SendMessage: {
      access: ({ QueueUrl = '' }: Sent) => [{ action: 'sqs:SendMessage', resource: this.#arn(QueueUrl) }],
      run: ({ QueueUrl = '', MessageBody = '', MessageAttributes = {} }: Sent) => {
        const queue = this.#queue(QueueUrl);
        const attributes = Object.entries(MessageAttributes).map(([name, value]) => [
          name,
          value.StringValue ?? '',
        ]);
        queue.push({
          body: MessageBody,
          attributes: Object.fromEntries(attributes),
          at: this.#account.clock.now(),
          id: seededUuid(this.#account.random),
          hiddenUntil: 0,
        });
        return {};
      },
    },
    // Long polling answers at once: nothing comes while a call is under way.
    ReceiveMessage: {
      access: ({ QueueUrl = '' }: Received) => [
        { action: 'sqs:ReceiveMessage', resource: this.#arn(QueueUrl) },
      ],
      run: (asked: Received) => {
        const { QueueUrl = '', MaxNumberOfMessages: most = 1, VisibilityTimeout = VISIBILITY } = asked;
        if (!Number.isInteger(most) || most < 1 || most > 10)
          throw new AwsError(
            'InvalidParameterValue',
            `Value ${most} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`,
          );
        const now = this.#account.clock.now();
        const found = this.#queue(QueueUrl)
          .filter(({ hiddenUntil }) => hiddenUntil <= now)
          .slice(0, most);
        for (const message of found) message.hiddenUntil = now + VisibilityTimeout * 1000;
        // Without any, the answer has no Messages at all.
        return found.length === 0 ? {} : { Messages: found.map((one) => shown(one, asked)) };
      },
    },
  };
}

function shown({ id, body, attributes }: Kept, { MessageAttributeNames: names = [] }: Received) {
  const asked = Object.entries(attributes).filter(([name]) => names.includes('All') || names.includes(name));
  const MessageAttributes = Object.fromEntries(
    asked.map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
  return {
    MessageId: id,
    ReceiptHandle: `${id}#received`,
    Body: body,
    ...(asked.length > 0 && { MessageAttributes }),
  };
}

export function sqsService(account: Account, region: string): Sqs {
  return new Sqs(account, region);
}

import type { PublishInput } from '@aws-sdk/client-sns';
import type { Account } from '../account.ts';
import { type Access, AwsError, type Service } from '../service.ts';

const MESSAGE_LIMIT = 256 * 1024; // bytes of one message

/** SNS: topics, and what was published to them. */
export class Sns implements Service {
  /** Every message so far, the newest last. */
  readonly published: { topicArn: string; subject?: string; message: string; at: number }[] = [];
  #account: Account;
  #region: string;
  #topics = new Map<string, { keyArn?: string }>();

  constructor(account: Account, region: string) {
    this.#account = account;
    this.#region = region;
  }

  /** Makes a topic, as CloudFormation does. @returns its ARN */
  createTopic(name: string, options: { keyArn?: string } = {}): string {
    const arn = `arn:${this.#account.partition}:sns:${this.#region}:${this.#account.id}:${name}`;
    this.#topics.set(arn, options);
    return arn;
  }

  readonly operations: Service['operations'] = {
    Publish: {
      access: (input: PublishInput): Access[] => {
        const key = this.#topics.get(input.TopicArn ?? '')?.keyArn;
        const context = { 'kms:ViaService': `sns.${this.#region}.amazonaws.com` };
        return [
          { action: 'sns:Publish', resource: input.TopicArn ?? '' },
          ...(key
            ? ['kms:GenerateDataKey', 'kms:Decrypt'].map((action) => ({ action, resource: key, context }))
            : []),
        ];
      },
      run: (input: PublishInput) => {
        if (!this.#topics.has(input.TopicArn ?? ''))
          throw new AwsError('NotFound', 'Topic does not exist', 404);
        if (!input.Message) throw new AwsError('InvalidParameter', 'Invalid parameter: Empty message');
        if (Buffer.byteLength(input.Message) > MESSAGE_LIMIT)
          throw new AwsError('InvalidParameter', 'Invalid parameter: Message too long');
        if (input.Subject !== undefined && !/^[\x20-\x7e]{1,100}$/.test(input.Subject))
          throw new AwsError('InvalidParameter', 'Invalid parameter: Subject');
        this.published.push({
          topicArn: input.TopicArn ?? '',
          ...(input.Subject && { subject: input.Subject }),
          message: input.Message,
          at: this.#account.clock.now(),
        });
        return { MessageId: `message-${this.published.length}` };
      },
    },
  };
}

export function snsService(account: Account, region: string): Sns {
  return new Sns(account, region);
}

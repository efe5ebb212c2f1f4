import {
  BatchWriteItemCommand,
  type BatchWriteItemInput,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  type KeySchemaElement,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import type { Account } from '../account.ts';
import { type Access, AwsError, type Operation, type Service } from '../service.ts';
import { type KeyedInput, leadingKeys } from './leadingKeys.ts';

/** DynamoDB: IAM before dynalite, which does the work behind a port of this machine. */
export class DynamoDb implements Service {
  #account: Account;
  #region: string;
  #server: ReturnType<typeof dynalite> | undefined;
  #client: Promise<DynamoDBClient> | undefined;
  #keys = new Map<string, string>();
  /** Name of the hash key, by the ARN of the table or of its index. */
  #hashKeys = new Map<string, string>();

  constructor(account: Account, region: string) {
    this.#account = account;
    this.#region = region;
  }

  /** Makes a table, as CloudFormation does, with the KMS key that it is encrypted with. @returns its ARN */
  async createTable(input: CreateTableCommandInput, keyArn?: string): Promise<string> {
    await (await this.#dynalite()).send(new CreateTableCommand(input));
    if (keyArn) this.#keys.set(input.TableName ?? '', keyArn);
    const arn = this.#arn(input);
    this.#hashKeys.set(arn, hashKey(input));
    for (const index of input.GlobalSecondaryIndexes ?? [])
      this.#hashKeys.set(`${arn}/index/${index.IndexName}`, hashKey(index));
    return arn;
  }

  /** Stops dynalite. */
  async close(): Promise<void> {
    (await this.#client)?.destroy();
    await new Promise<void>((resolve) => {
      if (this.#server) this.#server.close(() => resolve());
      else resolve();
    });
  }

  readonly operations: Record<string, Operation> = {
    GetItem: this.#operation(
      'GetItem',
      async (client, input) => await client.send(new GetItemCommand(input)),
    ),
    PutItem: this.#operation(
      'PutItem',
      async (client, input) => await client.send(new PutItemCommand(input)),
    ),
    UpdateItem: this.#operation(
      'UpdateItem',
      async (client, input) => await client.send(new UpdateItemCommand(input)),
    ),
    DeleteItem: this.#operation(
      'DeleteItem',
      async (client, input) => await client.send(new DeleteItemCommand(input)),
    ),
    BatchWriteItem: {
      ...this.#operation(
        'BatchWriteItem',
        async (client, input) => await client.send(new BatchWriteItemCommand(input)),
      ),
      access: ({ RequestItems = {} }: BatchWriteItemInput) =>
        Object.entries(RequestItems).flatMap(([TableName, writes]) =>
          this.#access('dynamodb:BatchWriteItem', { TableName, writes }),
        ),
    },
    Query: this.#operation('Query', async (client, input) => await client.send(new QueryCommand(input))),
    Scan: this.#operation('Scan', async (client, input) => await client.send(new ScanCommand(input))),
  };

  // biome-ignore lint/suspicious/noExplicitAny: each operation hands its own input on
  #operation(name: string, send: (client: DynamoDBClient, input: any) => Promise<unknown>): Operation {
    return {
      access: (input: KeyedInput): Access[] => this.#access(`dynamodb:${name}`, input),
      run: async (input) => {
        try {
          return await send(await this.#dynalite(), input);
        } catch (error) {
          if (error instanceof Error) throw new AwsError(error.name, error.message);
          throw error;
        }
      },
    };
  }

  #arn({ TableName, IndexName }: KeyedInput): string {
    const table = `arn:${this.#account.partition}:dynamodb:${this.#region}:${this.#account.id}:table/${TableName}`;
    return IndexName ? `${table}/index/${IndexName}` : table;
  }

  #access(action: string, input: KeyedInput): Access[] {
    const key = this.#keys.get(input.TableName ?? '');
    const context = { 'kms:ViaService': `dynamodb.${this.#region}.amazonaws.com` };
    const resource = this.#arn(input);
    const leading = leadingKeys(input, this.#hashKeys.get(resource) ?? '');
    return [
      { action, resource, ...(leading.length > 0 && { context: { 'dynamodb:LeadingKeys': leading } }) },
      ...(key ? [{ action: 'kms:Decrypt', resource: key, context }] : []),
    ];
  }

  #dynalite(): Promise<DynamoDBClient> {
    this.#client ??= new Promise((resolve, reject) => {
      const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
      this.#server = server;
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        const bound = server.address();
        const port = typeof bound === 'object' && bound ? bound.port : 0;
        const endpoint = `http://127.0.0.1:${port}`;
        const credentials = { accessKeyId: 'dynalite', secretAccessKey: 'dynalite' };
        resolve(new DynamoDBClient({ endpoint, region: this.#region, credentials }));
      });
    });
    return this.#client;
  }
}

function hashKey({ KeySchema = [] }: { KeySchema?: KeySchemaElement[] | undefined }): string {
  return KeySchema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '';
}

export function dynamodbService(account: Account, region: string): DynamoDb {
  return new DynamoDb(account, region);
}

import type {
  GetParameterRequest,
  GetParameterResult,
  GetParametersByPathRequest,
  GetParametersByPathResult,
} from '@aws-sdk/client-ssm';
import type { Account } from '../account.ts';
import { AwsError, type Operation } from '../service.ts';

/** Where AWS's own parameters are, which belong to no account. */
const PUBLIC = '/aws/service/';
/** Characters of a value of the standard tier. */
const VALUE_LIMIT = 4096;

/** Parameters in one Region. */
export class Parameters {
  readonly #account: Account;
  readonly #region: string;
  /** The value of one of AWS's own; undefined when there is none of the name. */
  readonly #publicValue: (name: string) => string | undefined;
  readonly #values = new Map<string, string>();
  /** Virtual milliseconds of the last change. */
  readonly #changed = new Map<string, number>();

  constructor(account: Account, region: string, publicValue: (name: string) => string | undefined) {
    this.#account = account;
    this.#region = region;
    this.#publicValue = publicValue;
  }

  /** @throws AwsError ValidationException */
  put(name: string, value: string): void {
    if (!/^[a-zA-Z0-9_./-]{1,1011}$/.test(name) || /^\/?(aws|ssm)/i.test(name))
      throw new AwsError('ValidationException', `Parameter name: ${name} is not allowed.`);
    if (value === '' || value.length > VALUE_LIMIT)
      throw new AwsError(
        'ValidationException',
        `Standard tier parameters support a maximum parameter value of ${VALUE_LIMIT} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html`,
      );
    this.#values.set(name, value);
    this.#changed.set(name, this.#account.clock.now());
  }

  readonly operations: Record<string, Operation> = {
    GetParameter: {
      access: ({ Name = '' }: GetParameterRequest) => [
        { action: 'ssm:GetParameter', resource: this.#arn(Name) },
      ],
      run: ({ Name = '' }: GetParameterRequest): GetParameterResult => {
        const value = Name.startsWith(PUBLIC) ? this.#publicValue(Name) : this.#values.get(Name);
        if (value === undefined) throw new AwsError('ParameterNotFound', `Parameter ${Name} not found.`);
        return { Parameter: this.#shown(Name, value) };
      },
    },
    GetParametersByPath: {
      access: ({ Path = '' }: GetParametersByPathRequest) => [
        { action: 'ssm:GetParametersByPath', resource: this.#arn(Path) },
      ],
      run: (request: GetParametersByPathRequest): GetParametersByPathResult => {
        const { Path = '', Recursive, MaxResults = 10, NextToken } = request;
        if (!Path.startsWith('/'))
          throw new AwsError(
            'ValidationException',
            'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/".',
          );
        const below = `${Path.replace(/\/$/, '')}/`;
        const found = [...this.#values].filter(
          ([name]) => name.startsWith(below) && (Recursive || !name.slice(below.length).includes('/')),
        );
        const start = Number(NextToken ?? 0);
        const next = start + MaxResults;
        return {
          Parameters: found.slice(start, next).map(([name, value]) => this.#shown(name, value)),
          ...(next < found.length && { NextToken: String(next) }),
        };
      },
    },
  };

  #shown(Name: string, Value: string) {
    const DataType = Name.startsWith(PUBLIC) ? 'aws:ec2:image' : 'text';
    const LastModifiedDate = new Date(this.#changed.get(Name) ?? 0);
    return {
      Name,
      Type: 'String' as const,
      Value,
      Version: 1,
      LastModifiedDate,
      ARN: this.#arn(Name),
      DataType,
    };
  }

  #arn(name: string): string {
    const { partition, id } = this.#account;
    const owner = name.startsWith(PUBLIC) ? '' : id;
    return `arn:${partition}:ssm:${this.#region}:${owner}:parameter/${name.replace(/^\//, '')}`;
  }
}

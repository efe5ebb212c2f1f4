import type { Account } from '../account.ts';
import type { Efs } from '../efs/efs.ts';
import { AwsError, type Service } from '../service.ts';

interface Metric {
  Namespace?: string;
  MetricName?: string;
  Dimensions?: { Name?: string; Value?: string }[];
}

interface Query {
  Id?: string;
  MetricStat?: { Metric?: Metric; Period?: number; Stat?: string };
}

interface Asked {
  MetricDataQueries?: Query[];
  StartTime?: string;
  EndTime?: string;
  ScanBy?: string;
}

/** What a service measures comes so many milliseconds late. */
const LATE = 120_000;
const MINUTE = 60_000;

/** CloudWatch in one Region: what file systems measure each minute, by GetMetricData and by statistics of one period. */
export class CloudWatch implements Service {
  readonly operations: Service['operations'];
  readonly #account: Account;
  readonly #region: string;

  constructor(account: Account, region: string) {
    this.#account = account;
    this.#region = region;
    this.operations = {
      GetMetricData: {
        access: () => [{ action: 'cloudwatch:GetMetricData', resource: '*' }],
        run: (asked: Asked) => {
          const queries = asked.MetricDataQueries ?? [];
          account.meter.add('cloudwatch:metric', queries.length);
          return { MetricDataResults: queries.map((query) => this.#result(query, asked)), Messages: [] };
        },
      },
    };
  }

  /** @throws AwsError ValidationError */
  #result({ Id = '', MetricStat = {} }: Query, { StartTime = '', EndTime = '', ScanBy }: Asked) {
    const { Metric = {}, Period = 0, Stat = '' } = MetricStat;
    const [from, to] = [Date.parse(StartTime), Date.parse(EndTime)];
    if (!(from < to)) throw invalid('The parameter StartTime must be less than the parameter EndTime.');
    if (!/^[a-z]\w*$/.test(Id)) throw invalid(`The value ${Id} is not a valid Id of a query.`);
    if (Period <= 0 || Period % 60 !== 0) throw invalid('Period must be a multiple of 60.');
    if (!['Minimum', 'Maximum', 'Average'].includes(Stat))
      throw invalid(`The value ${Stat} is not a statistic.`);
    const points: [number, number][] = [];
    const length = Period * 1000;
    const seen = Math.min(to, this.#account.clock.now() - LATE);
    for (let at = Math.floor(from / length) * length; at < seen; at += length) {
      const values = [];
      for (let minute = at; minute < Math.min(at + length, seen); minute += MINUTE)
        values.push(...this.#measured(Metric, minute));
      if (values.length > 0) points.push([at, statistic(Stat, values)]);
    }
    if (ScanBy !== 'TimestampAscending') points.reverse(); // the latest first, unless told
    return {
      Id,
      Label: Metric.MetricName,
      StatusCode: 'Complete',
      Timestamps: points.map(([at]) => new Date(at)),
      Values: points.map(([, value]) => value),
    };
  }

  /** A metric that nobody measures has no values, and is no error. */
  #measured({ Namespace, MetricName = '', Dimensions = [] }: Metric, at: number): number[] {
    const [dimension, ...others] = Dimensions;
    if (Namespace !== 'AWS/EFS' || dimension?.Name !== 'FileSystemId' || others.length > 0) return [];
    const efs = this.#account.service<Efs>('elasticfilesystem', this.#region);
    return efs.measured(dimension.Value ?? '', MetricName, at);
  }
}

function invalid(words: string): AwsError {
  return new AwsError('ValidationError', words);
}

function statistic(name: string, values: number[]): number {
  if (name === 'Minimum') return Math.min(...values);
  if (name === 'Maximum') return Math.max(...values);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function cloudWatchService(account: Account, region: string): CloudWatch {
  return new CloudWatch(account, region);
}

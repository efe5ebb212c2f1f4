/** A line that a function printed, with the virtual time of its invocation in milliseconds. */
export interface LogLine {
  at: number;
  text: string;
}

/** A data point that CloudWatch takes from a log line in its embedded metric format. */
export interface Metric {
  namespace: string;
  name: string;
  unit: string;
  value: number;
  dimensions: Record<string, string>;
  at: number;
}

interface Directive {
  Namespace?: string;
  Dimensions?: string[][];
  Metrics?: { Name: string; Unit?: string }[];
}

/** The metrics in a log line; none when the line is not of the embedded metric format. */
export function metricsOf({ at, text }: LogLine): Metric[] {
  if (!text.includes('"CloudWatchMetrics"')) return [];
  const line: Record<string, unknown> & { _aws?: { CloudWatchMetrics?: Directive[] } } = JSON.parse(text);
  return (line._aws?.CloudWatchMetrics ?? []).flatMap((directive) =>
    (directive.Metrics ?? []).map(({ Name, Unit = 'None' }) => ({
      namespace: directive.Namespace ?? '',
      name: Name,
      unit: Unit,
      value: Number(line[Name]),
      dimensions: Object.fromEntries(
        (directive.Dimensions?.[0] ?? []).map((key) => [key, String(line[key])]),
      ),
      at,
    })),
  );
}

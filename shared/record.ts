import * as v from 'valibot';

/**
 * Values of one kind by names of one kind. Unlike Valibot's own it keeps the names `constructor` and `prototype`, which
 * a tag may have, and is not content with a list.
 */
export function record<Value extends v.GenericSchema>(
  key: v.GenericSchema<string>,
  value: Value,
  message = 'must be values by their names',
) {
  type Read = v.OutputDataset<Record<string, v.InferOutput<Value>>, v.BaseIssue<unknown>>;
  const noRecord = v.never(message);
  return {
    ...v.record(key, value),
    '~run': (dataset: v.UnknownDataset, config: v.Config<v.BaseIssue<unknown>>): Read => {
      const given = dataset.value;
      if (typeof given !== 'object' || given === null || Array.isArray(given))
        return noRecord['~run'](dataset, config);
      const issues: v.BaseIssue<unknown>[] = [];
      const values: [string, v.InferOutput<Value>][] = [];
      for (const [name, one] of Object.entries(given)) {
        const named = key['~run']({ value: name }, config);
        const read = value['~run']({ value: one }, config);
        const found = [...(named.issues ?? []), ...(read.issues ?? [])];
        issues.push(...found.map((issue) => below(issue, given, name, one)));
        if (read.typed) values.push([name, read.value]);
      }
      const output = Object.fromEntries(values);
      const [first, ...rest] = issues;
      if (first === undefined) return { typed: true, value: output, issues: undefined };
      return { typed: false, value: output, issues: [first, ...rest] };
    },
  };
}

function below(
  issue: v.BaseIssue<unknown>,
  input: object,
  key: string,
  value: unknown,
): v.BaseIssue<unknown> {
  return { ...issue, path: [{ type: 'unknown', origin: 'value', input, key, value }, ...(issue.path ?? [])] };
}

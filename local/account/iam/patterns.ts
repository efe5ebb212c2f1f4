/** `*` stands for anything, `?` for one character; `${*}`, `${?}` and `${$}` for themselves. */
function source(pattern: string): string {
  return pattern.replaceAll(/\$\{([*?$])\}|[*?]|[.+^${}()|[\]\\/]/g, (found, literal) => {
    if (literal !== undefined) return `\\${literal}`;
    if (found === '*') return '[\\s\\S]*';
    if (found === '?') return '[\\s\\S]';
    return `\\${found}`;
  });
}

const compiled = new Map<string, RegExp>();

function expression(pattern: string, flags: string): RegExp {
  const key = `${flags} ${pattern}`;
  let found = compiled.get(key);
  if (!found) {
    found = new RegExp(`^${source(pattern)}$`, flags);
    compiled.set(key, found);
  }
  return found;
}

/** Whether a value fits a pattern with IAM's wildcards. */
export function like(pattern: string, value: string): boolean {
  return expression(pattern, 'u').test(value);
}

/** Actions are compared without regard to case. */
export function actionLike(pattern: string, action: string): boolean {
  return expression(pattern, 'iu').test(action);
}

/** An ARN fits when each of its six parts does; a wildcard of one part does not reach into the next. */
export function arnLike(pattern: string, arn: string): boolean {
  const patterns = parts(pattern);
  const values = parts(arn);
  return (
    values.length === 6 && patterns.length === 6 && patterns.every((part, at) => like(part, values[at] ?? ''))
  );
}

function parts(arn: string): string[] {
  const [first = '', partition = '', service = '', region = '', account = '', ...rest] = arn.split(':');
  return rest.length > 0 ? [first, partition, service, region, account, rest.join(':')] : [];
}

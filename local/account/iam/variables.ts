import type { ConditionContext } from '../service.ts';

/**
 * Puts the request's values in the place of `${aws:PrincipalTag/team}` and `${key, 'default'}`. A value's own `*` and
 * `?` stay what they are where the text is a pattern. @returns undefined when a variable has neither value nor
 * default: such a text matches nothing.
 */
export function substitute(text: string, context: ConditionContext, isPattern: boolean): string | undefined {
  let missing = false;
  const result = text.replaceAll(/\$\{([^}*?$][^}]*)\}/g, (_, inside: string) => {
    const [key = '', ...rest] = inside.split(',');
    const name = key.trim().toLowerCase();
    const found = Object.keys(context).find((candidate) => candidate.toLowerCase() === name);
    const value = found === undefined ? undefined : context[found];
    const fallback = /^\s*'(.*)'\s*$/.exec(rest.join(','))?.[1];
    const used = typeof value === 'string' ? value : fallback;
    if (used === undefined) missing = true;
    const plain = used ?? '';
    return isPattern ? plain.replaceAll(/[*?$]/g, (character) => `\${${character}}`) : plain;
  });
  if (missing) return undefined;
  return isPattern ? result : result.replaceAll(/\$\{([*?$])\}/g, '$1');
}

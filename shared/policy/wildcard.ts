/**
 * Whether a text is what a pattern says: `*` stands for any letters, `?` for one, every other letter for itself.
 * Takes time in proportion to both lengths at the worst, which a regular expression would not.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const wanted = [...pattern];
  const letters = [...text];
  let at = 0;
  let star = -1; // where the last * was, and up to where its letters go by now
  let taken = 0;
  for (let index = 0; index < letters.length; ) {
    if (wanted[at] === '*') {
      star = at++;
      taken = index;
    } else if (wanted[at] === '?' || (at < wanted.length && wanted[at] === letters[index])) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++taken;
    } else return false;
  }
  return wanted.slice(at).every((letter) => letter === '*');
}

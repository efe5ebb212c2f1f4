/** What the person typed cannot be done as typed: one line that says what is right, exit 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Something that was started has failed: one or two lines that say what, exit 1. */
export class RunError extends Error {
  override readonly name = 'RunError';
}

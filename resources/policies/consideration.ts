/** What a policy of the right shape is still found to be, at a path within it. */
export interface Consideration {
  path: string[];
  message: string;
  /** Only wants to be read. */
  warning?: boolean;
}

/** One thing that is wrong in a configuration file. */
export interface ConfigMistake {
  /** Keys and list positions from the root, such as `['endpoints', 2, 'priceSats']`. */
  readonly path: readonly (string | number)[];
  /** For a person; never quotes a secret. */
  readonly message: string;
  /** Points at the key itself, not at its value (an unknown key). */
  readonly atKey?: boolean;
}

/** What a key of ours may look like; anything else that stands as a key may be a value whose space is missing (`{password:hunter2}`). */
const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,31}$/;

/** `endpoints[2].priceSats`, or `(file)` for the whole; `(key)` where a key is no name. */
export function formatPath(path: readonly (string | number)[]): string {
  if (path.length === 0) return '(file)';
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${NAME.test(step) ? step : '(key)'}`))
    .join('')
    .replace(/^\./, '');
}

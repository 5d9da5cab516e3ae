/** One thing that is wrong in a configuration file. */
export interface ConfigMistake {
  /** Keys and list positions from the root, such as `['endpoints', 2, 'priceSats']`. */
  readonly path: readonly (string | number)[];
  /** For a person; never quotes a secret. */
  readonly message: string;
  /** Points at the key itself, not at its value (an unknown key). */
  readonly atKey?: boolean;
}

/** `endpoints[2].priceSats`, or `(file)` for the whole. */
export function formatPath(path: readonly (string | number)[]): string {
  if (path.length === 0) return '(file)';
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}

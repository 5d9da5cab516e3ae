import { fillPlaceholders as fillText } from '@satway/wallets/environment';
import type { ConfigMistake } from './mistake.js';
import type { SourceContext } from './secret-source.js';

type Path = readonly (string | number)[];

/**
 * Plain data in which every `${NAME}` and `${NAME:-default}` in a text is replaced, once: what a variable holds is not looked at again. What cannot be
 * filled is noted in `context.mistakes` and left as it stands.
 */
export function fillPlaceholders(data: unknown, context: SourceContext, path: Path = []): unknown {
  if (typeof data === 'string') return fillOne(data, context, path);
  if (Array.isArray(data)) return data.map((item: unknown, index) => fillPlaceholders(item, context, [...path, index]));
  if (typeof data !== 'object' || data === null) return data;
  const filled = Object.entries(data).map(([key, value]) => [key, fillPlaceholders(value, context, [...path, key])]);
  return Object.fromEntries(filled) as unknown;
}

function fillOne(text: string, { environment, mistakes, onSecretRead }: SourceContext, path: Path): string {
  if (isSecretPlace(path)) for (const name of namesIn(text)) onSecretRead?.(name);
  const filled = fillText(text, environment);
  if (filled.ok) return filled.text;
  mistakes.push(...filled.mistakes.map((message) => ({ path, message })));
  return text;
}

const SECRET_KEYS: ReadonlySet<unknown> = new Set(['macaroon', 'key', 'password', 'uri']);

/** Where a secret may be filled in: what opens a wallet, and the address of the database. */
function isSecretPlace(path: Path): boolean {
  return SECRET_KEYS.has(path.at(-1)) || path.join('.') === 'store.url';
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name = '']) => name);
}

const PLACEHOLDER = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/;

/** Whether a secret is only named here: by one placeholder and nothing else. One with a default is no such; the default stands here in plain text. */
export function isPlaceholder(value: unknown): boolean {
  return typeof value === 'string' && PLACEHOLDER.test(value.trim());
}

/** Without the mistakes that only follow from a placeholder that could not be filled. */
export function withoutConsequences(
  mistakes: readonly ConfigMistake[],
  unfilled: readonly ConfigMistake[],
): ConfigMistake[] {
  const places = new Set(unfilled.map(({ path }) => JSON.stringify(path)));
  return mistakes.filter(({ path }) => !places.has(JSON.stringify(path)));
}

import type { Environment } from './environment-reader.js';

/** A text with its placeholders filled, or why that cannot be. */
export type FilledText =
  | { readonly ok: true; readonly text: string }
  /** One sentence for each mistake; names variables, never values. */
  | { readonly ok: false; readonly mistakes: readonly string[] };

/** `$$`, a whole placeholder, or one that is not closed. */
const PLACEHOLDER = /\$\$|\$\{([^}]*)(\}?)/g;
const NAME_AND_DEFAULT = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([^]*))?$/;

/**
 * Fills `${VAR}` and `${VAR:-default}` from the environment; `$$` stands for one dollar sign, and any other dollar sign for itself. A variable that is not
 * set, or empty, is a mistake unless it has a default.
 *
 * What is put in is never looked at again, so that no value can bring in another. Give it a text that was parsed already (one string of a YAML file),
 * never the raw file: a value then stays one value, whatever characters it holds. Linear in the length of the text.
 */
export function fillPlaceholders(text: string, environment: Environment): FilledText {
  const mistakes: string[] = [];
  const filled = text.replace(PLACEHOLDER, (whole, inner: string | undefined, end: string | undefined) => {
    if (whole === '$$') return '$';
    const value = end === '}' ? valueOf(inner ?? '', environment) : UNREADABLE;
    if (value.ok) return value.text;
    mistakes.push(...value.mistakes);
    return '';
  });
  return mistakes.length === 0 ? { ok: true, text: filled } : { ok: false, mistakes: [...new Set(mistakes)] };
}

const UNREADABLE: FilledText = {
  ok: false,
  mistakes: ['holds a placeholder that cannot be read; write ${NAME} or ${NAME:-default}, and $$ for a dollar sign'],
};

function valueOf(inner: string, environment: Environment): FilledText {
  const [, name, fallback] = NAME_AND_DEFAULT.exec(inner) ?? [];
  // A `${` inside a default would end at the first brace and leave the rest standing as text.
  if (name === undefined || fallback?.includes('${') === true) return UNREADABLE;
  const value = (Object.hasOwn(environment, name) ? environment[name] : '') ?? '';
  if (value !== '') return { ok: true, text: value };
  if (fallback !== undefined) return { ok: true, text: fallback };
  return { ok: false, mistakes: [`names the variable ${name}, which is not set`] };
}

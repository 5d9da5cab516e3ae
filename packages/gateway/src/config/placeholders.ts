import { formatPath, type ConfigMistake } from './mistake.js';
import { readNamedVariable, type SourceContext } from './secret-source.js';

type Path = readonly (string | number)[];

/** `$${` stands for `${` itself. */
const PLACEHOLDER = /\$(\$\{)|\$\{([^{}]*)\}|\$\{/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Plain data in which every `${NAME}` in a text is replaced by that variable's value, once: what a variable holds is not looked at again. What cannot be
 * filled is noted in `context.mistakes` and left as it stands.
 */
export function fillPlaceholders(data: unknown, context: SourceContext, path: Path = []): unknown {
  if (typeof data === 'string') return fillText(data, context, path);
  if (Array.isArray(data)) return data.map((item: unknown, index) => fillPlaceholders(item, context, [...path, index]));
  if (typeof data !== 'object' || data === null) return data;
  const filled = Object.entries(data).map(([key, value]) => [key, fillPlaceholders(value, context, [...path, key])]);
  return Object.fromEntries(filled) as unknown;
}

function fillText(text: string, context: SourceContext, path: Path): string {
  return text.replace(PLACEHOLDER, (all, escaped: string | undefined, name: string | undefined) => {
    if (escaped !== undefined) return escaped;
    if (name !== undefined && NAME.test(name)) return readNamedVariable(context, path, name) || all;
    context.mistakes.push({
      path,
      message: 'holds ${ without a name and a } behind it; write $${ for the text itself',
    });
    return all;
  });
}

/** Without the mistakes that only follow from a placeholder that could not be filled. */
export function withoutConsequences(
  mistakes: readonly ConfigMistake[],
  unfilled: readonly ConfigMistake[],
): ConfigMistake[] {
  const places = new Set(unfilled.map(({ path }) => formatPath(path)));
  return mistakes.filter(({ path }) => !places.has(formatPath(path)));
}

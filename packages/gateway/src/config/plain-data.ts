import { isAlias, type parseDocument, visit } from 'yaml';

/** A parsed text. */
export type YamlDocument = ReturnType<typeof parseDocument>;

/** What a document says without YAML's own means, or where it cannot be said. */
export type PlainData =
  | { readonly ok: true; readonly data: unknown }
  /** `offset` counts characters from the start of the text; `message` quotes nothing of it. */
  | { readonly ok: false; readonly offset: number; readonly message: string };

/** A configuration is short and flat; a bomb of references is not, and neither is one that holds itself. */
const MAX_ALIASES = 100;
const MAX_DEPTH = 64;
const MAX_VALUES = 1_000_000;

/** Resolves references (`*name`). The library's errors name them, and what YAML takes for a reference may be a password; ours tell the place alone. */
export function toPlainData(document: YamlDocument): PlainData {
  try {
    const offset = danglingAlias(document);
    if (offset !== null) return { ok: false, offset, message: DANGLING };
    // Its warnings are about keys, and quote them.
    const data: unknown = document.toJS({ maxAliasCount: MAX_ALIASES, logLevel: 'error' });
    return isSmall(data) ? { ok: true, data } : TOO_LARGE;
  } catch {
    return TOO_LARGE;
  }
}

const DANGLING = 'a reference (*name) to nothing; put a text that begins with * into quotes';

const TOO_LARGE: PlainData = {
  ok: false,
  offset: 0,
  message: 'is nested too deeply, or holds too many references (*name)',
};

/** Where the first reference stands that names no anchor before it; `null` where there is none. */
function danglingAlias(document: YamlDocument): number | null {
  const anchors = new Set<string>();
  let offset: number | null = null;
  visit(document, {
    Node(_key, node) {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.add(node.anchor);
      } else if (!anchors.has(node.source)) {
        offset = node.range?.[0] ?? 0;
        return visit.BREAK;
      }
      return undefined;
    },
  });
  return offset;
}

/** Whether all that reads the data can walk through it: references make circles, and few lines of them make millions of values. */
function isSmall(data: unknown): boolean {
  let values = 0;
  function fits(value: unknown, depth: number): boolean {
    values += 1;
    if (depth > MAX_DEPTH || values > MAX_VALUES) return false;
    if (typeof value !== 'object' || value === null) return true;
    return Object.values(value).every((child: unknown) => fits(child, depth + 1));
  }
  return fits(data, 0);
}

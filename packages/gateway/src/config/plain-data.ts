import { isAlias, isNode, isScalar, type parseDocument, visit } from 'yaml';

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

/** Resolves references (`*name`). The library's errors and warnings quote what they are about, and what YAML takes for a reference may be a password; ours tell the place alone. */
export function toPlainData(document: YamlDocument): PlainData {
  try {
    const mistake = firstMistakeIn(document);
    if (mistake !== null) return { ok: false, ...mistake };
    const data: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return isSmall(data) ? { ok: true, data } : TOO_LARGE;
  } catch {
    return TOO_LARGE;
  }
}

interface Mistake {
  readonly offset: number;
  readonly message: string;
}

const TOO_LARGE: PlainData = {
  ok: false,
  offset: 0,
  message: 'is nested too deeply, or holds too many references (*name)',
};

const DANGLING = 'a reference (*name) to nothing; put a text that begins with * into quotes';
const NO_NAME = 'a key that is no word';

/** The first reference to no anchor before it, or the first key that is more than a word: the two that the library speaks of itself. */
function firstMistakeIn(document: YamlDocument): Mistake | null {
  const anchors = new Set<string>();
  let mistake: Mistake | null = null;
  visit(document, {
    Pair(_key, { key }) {
      if (!isNode(key) || isScalar(key)) return undefined;
      mistake = { offset: key.range?.[0] ?? 0, message: NO_NAME };
      return visit.BREAK;
    },
    Node(_key, node) {
      if (!isAlias(node) && node.anchor !== undefined) anchors.add(node.anchor);
      if (!isAlias(node) || anchors.has(node.source)) return undefined;
      mistake = { offset: node.range?.[0] ?? 0, message: DANGLING };
      return visit.BREAK;
    },
  });
  return mistake;
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

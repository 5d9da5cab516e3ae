import { isMap, isNode, LineCounter, parseDocument } from 'yaml';
import type { ConfigMistake } from './mistake.js';
import { formatPath } from './mistake.js';

/** A YAML text that remembers where each value stands. */
export interface YamlSource {
  /** Plain data; `null` where the text is not YAML. */
  readonly data: unknown;
  /** `line:column message` for each place where the text is not YAML. */
  readonly syntaxMistakes: readonly string[];
  /** The mistakes as `line:column path message`, in the order of the file. */
  describe(mistakes: readonly ConfigMistake[]): string[];
}

/** A configuration is short; a bomb of aliases is not one. */
const MAX_ALIASES = 100;

/** Parses YAML 1.2, where keys are unique and only plain data counts. */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number): { line: number; col: number } => lines.linePos(offset);
  const syntaxMistakes = [...document.errors, ...document.warnings].map(({ pos, message }) => {
    const { line, col } = at(pos[0]);
    return `${line}:${col} (file) ${message}`;
  });
  const offsetOf = (mistake: ConfigMistake): number => offsetIn(document, mistake);
  return {
    data: syntaxMistakes.length > 0 ? null : (document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown),
    syntaxMistakes,
    describe: (mistakes) =>
      mistakes
        .map((mistake) => ({ ...at(offsetOf(mistake)), text: `${formatPath(mistake.path)} ${mistake.message}` }))
        .sort((a, b) => a.line - b.line || a.col - b.col)
        .map(({ line, col, text }) => `${line}:${col} ${text}`),
  };
}

type YamlDocument = ReturnType<typeof parseDocument>;

/** Where the value stands; where there is none (a missing key), where the nearest thing around it does. */
function offsetIn(document: YamlDocument, { path, atKey = false }: ConfigMistake): number {
  const parent = path.length === 0 ? null : document.getIn(path.slice(0, -1), true);
  if (atKey && isMap(parent)) {
    const key = parent.items.find((pair) => String(pair.key) === path.at(-1))?.key;
    if (isNode(key) && key.range) return key.range[0];
  }
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

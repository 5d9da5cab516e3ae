import { isMap, isNode, LineCounter, parseDocument } from 'yaml';
import type { ConfigMistake } from './mistake.js';
import { formatPath } from './mistake.js';
import { toPlainData, type YamlDocument } from './plain-data.js';
import { describePlace, syntaxMistakesIn } from './yaml-syntax.js';

/** A YAML text that remembers where each value stands. */
export interface YamlSource {
  /** Plain data; `null` where the text is not YAML. */
  readonly data: unknown;
  /** `line:column (file) message` for each place where the text is not YAML; never quotes it. */
  readonly syntaxMistakes: readonly string[];
  /** The line, from 1, on which what stands at this path begins: its key, where it has one. */
  lineOf(path: ConfigMistake['path']): number;
  /** The mistakes as `line:column path message`, in the order of the file. */
  describe(mistakes: readonly ConfigMistake[]): string[];
}

/** Parses YAML 1.2, where keys are unique and only plain data counts. Nothing that it tells quotes a value. */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const { data, syntaxMistakes } = readPlainData(document, lines);
  const at = (mistake: ConfigMistake): { line: number; col: number } => lines.linePos(offsetIn(document, mistake));
  return {
    data,
    syntaxMistakes,
    lineOf: (path) => at({ path, message: '', atKey: true }).line,
    describe: (mistakes) =>
      mistakes
        .map((mistake) => ({ ...at(mistake), text: `${formatPath(mistake.path)} ${mistake.message}` }))
        .sort((a, b) => a.line - b.line || a.col - b.col)
        .map(({ line, col, text }) => `${line}:${col} ${text}`),
  };
}

function readPlainData(document: YamlDocument, lines: LineCounter): Pick<YamlSource, 'data' | 'syntaxMistakes'> {
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) return { data: null, syntaxMistakes: syntaxMistakesIn(errors, lines) };
  const plain = toPlainData(document);
  if (plain.ok) return { data: plain.data, syntaxMistakes: [] };
  return { data: null, syntaxMistakes: [describePlace(lines, plain.offset, plain.message)] };
}

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

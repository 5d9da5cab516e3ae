import { SatwayError } from '@satway/base';

/** With what a cell begins that a spreadsheet takes for a formula, the wide forms of some keyboards included. */
const STARTS_FORMULA = `=+\\-@\\t\\r＝＋－＠`;
/** Behind what a cell begins for a spreadsheet that separates otherwise than by commas, and so reads quotation marks elsewhere. */
const SEPARATORS = ',;\\t\\r\\n|"';
const NEEDS_QUOTE = new RegExp(`(?<=^|[${SEPARATORS}])(?=['${STARTS_FORMULA}])`, 'g');
const HAS_QUOTE = new RegExp(`(?<=^|[${SEPARATORS}])'(?=['${STARTS_FORMULA}])`, 'g');

/** One line of CSV (RFC 4180), every text in quotation marks. Nothing that a stranger wrote becomes a formula: an apostrophe stands before it. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

function cellOf(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  return `"${disarm(value).replaceAll('"', '""')}"`;
}

function disarm(text: string): string {
  return text.replaceAll(NEEDS_QUOTE, "'");
}

/** The text as it was before `csvLine`. */
function rearm(text: string): string {
  return text.replaceAll(HAS_QUOTE, '');
}

/** A line of cells and the number of the text's line on which it begins. */
export interface CsvLine {
  readonly line: number;
  readonly cells: readonly string[];
}

/** A cell in quotation marks, or one without; then what ends it. */
const CELL = /"([^"]*(?:""[^"]*)*)"|([^",\r\n]*)/y;

/**
 * Reads CSV as `csvLine` writes it; a spreadsheet's line ends and missing quotation marks are understood.
 *
 * @throws {SatwayError} `RECEIPT_INVALID` naming the line.
 */
export function* readCsv(text: string): Generator<CsvLine> {
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const cells: string[] = [];
    const first = line;
    for (let more = true; more; ) {
      const { cell, end } = readCell(text, at, line);
      line += countLines(cell);
      cells.push(rearm(cell));
      more = text[end] === ',';
      at = more ? end + 1 : behindLineEnd(text, end, line);
    }
    line += 1;
    yield { line: first, cells };
  }
}

function readCell(text: string, at: number, line: number): { cell: string; end: number } {
  CELL.lastIndex = at;
  const found = CELL.exec(text);
  if (found === null) throw unreadable(line);
  const [whole, quoted, bare = ''] = found;
  return { cell: quoted?.replaceAll('""', '"') ?? bare, end: at + whole.length };
}

function behindLineEnd(text: string, end: number, line: number): number {
  if (end === text.length) return end;
  if (text.startsWith('\r\n', end)) return end + 2;
  if (text[end] === '\n' || text[end] === '\r') return end + 1;
  throw unreadable(line);
}

/** Only within the cell: looking for the next line end from each cell would read a long line again and again. */
function countLines(cell: string): number {
  let count = 0;
  for (let at = cell.indexOf('\n'); at !== -1; at = cell.indexOf('\n', at + 1)) count += 1;
  return count;
}

function unreadable(line: number): SatwayError {
  return new SatwayError('RECEIPT_INVALID', { detail: `Line ${line} is no line of CSV.` });
}

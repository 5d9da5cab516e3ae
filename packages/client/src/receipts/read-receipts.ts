import { SatwayError } from '@satway/base';
import { type Receipt, RECEIPT_FIELDS, readReceipt } from '@satway/protocol';
import { type CsvLine, readCsv } from './csv.js';
import type { ReceiptTotals } from './totals.js';
import { KIND_COLUMN, RECEIPTS_FORMAT } from './write-receipts.js';

/** One entry of a file: a receipt, or why it is none. `line` counts the lines of the file from 1; `null` in JSON that was written anew. */
export type ReadEntry =
  | { readonly line: number | null; readonly receipt: Receipt }
  | { readonly line: number | null; readonly receipt: null; readonly detail: string };

/** A file of receipts, read but not believed. */
export interface ReadReceipts {
  readonly entries: readonly ReadEntry[];
  /** What the file says that they add up to; `null` where it does not say. */
  readonly totals: ReceiptTotals | null;
}

/** Reads a file as `writeReceipts` writes it; the first character tells which form it has. @throws {SatwayError} `RECEIPT_INVALID`. */
export function readReceipts(text: string): ReadReceipts {
  const content = text.replace(/^\u{feff}/u, '');
  return content.trimStart().startsWith('{') ? readJson(content) : readCsvFile(content);
}

function readJson(text: string): ReadReceipts {
  const file = parse(text);
  if (file['format'] !== RECEIPTS_FORMAT || !Array.isArray(file['receipts']))
    throw unreadable('It is no file of receipts.');
  // As we write them, the file's second line is its first receipt; in JSON that was written anew a receipt has no line.
  const isOurForm = text.trimEnd().split('\n').length === file['receipts'].length + 2;
  const entries = file['receipts'].map((value: unknown, index) => entryOf(isOurForm ? index + 2 : null, value));
  return { entries, totals: totalsOf(file['totals']) };
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // Without the cause: it quotes the text, which may hold preimages.
    throw new SatwayError('RECEIPT_INVALID', { detail: 'It is no JSON.' });
  }
}

function entryOf(line: number | null, value: unknown): ReadEntry {
  const read = readReceipt(value);
  return read.ok ? { line, receipt: read.value } : { line, receipt: null, detail: read.detail };
}

function totalsOf(value: unknown): ReceiptTotals | null {
  if (typeof value !== 'object' || value === null) return null;
  const { count, amountMsat, feeMsat, totalMsat } = value as Record<string, unknown>;
  if (typeof count !== 'number' || ![amountMsat, feeMsat, totalMsat].every(isDigits)) return null;
  return { count, amountMsat: String(amountMsat), feeMsat: String(feeMsat), totalMsat: String(totalMsat) };
}

function isDigits(value: unknown): boolean {
  return typeof value === 'string' && /^(0|[1-9]\d{0,30})$/.test(value);
}

function readCsvFile(text: string): ReadReceipts {
  const [head, ...lines] = readCsv(text);
  if (head === undefined || head.cells.join(',') !== [KIND_COLUMN, ...RECEIPT_FIELDS].join(',')) {
    throw unreadable('Its first line is not that of a file of receipts.');
  }
  const last = lines.at(-1);
  const count = /^total of (\d{1,15})$/.exec(last?.cells[0] ?? '')?.[1];
  const receipts = count === undefined ? lines : lines.slice(0, -1);
  return {
    entries: receipts.map(csvEntry),
    totals: last === undefined || count === undefined ? null : totalsOf({ ...fieldsOf(last), count: Number(count) }),
  };
}

function csvEntry(line: CsvLine): ReadEntry {
  if (line.cells[0] !== 'receipt') return { line: line.line, receipt: null, detail: 'It is no line of a receipt.' };
  if (line.cells.length !== RECEIPT_FIELDS.length + 1) {
    return { line: line.line, receipt: null, detail: 'It has too few or too many cells.' };
  }
  const fields = Object.entries(fieldsOf(line)).map(([field, text]) => [field, typed(field, text)]);
  return entryOf(line.line, Object.fromEntries(fields));
}

function fieldsOf({ cells }: CsvLine): Record<string, string> {
  return Object.fromEntries(RECEIPT_FIELDS.map((field, index) => [field, cells[index + 1] ?? '']));
}

/** What is empty is `null`, and amounts are numbers, as far as they are written as such. */
function typed(field: string, text: string): string | number | null {
  if (/^(amount|fee|total)Msat$/.test(field)) return /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : text;
  return text === '' ? null : text;
}

function unreadable(detail: string): SatwayError {
  return new SatwayError('RECEIPT_INVALID', { detail });
}

import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SatwayError } from '@satway/base';
import { jsonBytes, MAX_TEXT_BYTES } from '../limits/index.js';
import type { SentSecrets } from '../secrets/index.js';
import { fileEnding } from './mime-type.js';
import { openPrivateFolder, prepareFolder } from './private-folder.js';
import { readBody } from './read-body.js';
import { searchAnswer } from './search-answer.js';

/** How much of one answer is kept. */
export const MAX_ANSWER_BYTES = 10 * 1024 * 1024;
/** What all processes together keep in the folder. */
const MAX_FILES = 100;
const MAX_TOTAL_BYTES = 200 * 1024 * 1024;

/** What is kept of an answer's body. */
export interface KeptAnswer {
  readonly mimeType: string;
  readonly isText: boolean;
  /** In which a text is encoded. */
  readonly charset: string;
  readonly byteLength: number;
  /** Of a text; 0 for anything else. */
  readonly charLength: number;
  /** The text's beginning. */
  readonly shown: string;
  /** Where all of it lies; `null` where `shown` is all. */
  readonly file: string | null;
  /** The seller sent more than is kept. */
  readonly isCut: boolean;
  /** The body broke off before its end. */
  readonly brokeOff: boolean;
  /** It could not be searched for secrets: its file is for people alone. */
  readonly isWithheld: boolean;
  /** What of it is no text and lies in files of its own. */
  readonly parts: readonly KeptPart[];
}

/** A part of an answer that is no text, as a file. */
export interface KeptPart {
  readonly file: string;
  readonly mimeType: string;
  readonly byteLength: number;
}

/** Answers that are too long to be shown, or no text, as files of their own for the owner's eyes only. */
export interface AnswerFolder {
  /** Before anything is paid: whether there is a place for an answer. @throws {SatwayError} `MCP_PLACE_UNUSABLE`. Funds moved: no. */
  prepare(): void;
  /** @throws {SatwayError} `MCP_NOT_KEPT` where it is no text and no file can be written. */
  keep(callId: string, response: Response, parts?: readonly KeptPart[]): Promise<KeptAnswer>;
  /** One part, before the answer that it belongs to; `null` where no file can be written. @param number - counts them from 1. */
  keepPart(
    callId: string,
    number: number,
    part: { readonly mimeType: string; readonly bytes: Uint8Array },
  ): KeptPart | null;
  /** A part of a text, counted in UTF-16 units. @throws {SatwayError} `MCP_ANSWER_GONE`. */
  readText(answer: KeptAnswer, offset: number, length: number): string;
  /** All of it. @throws {SatwayError} `MCP_ANSWER_GONE`. */
  readBytes(answer: KeptAnswer): Uint8Array;
  /** Takes an answer's file away. */
  drop(answer: KeptAnswer): void;
}

export interface AnswerFolderOptions {
  /** Made when the first answer is kept. */
  readonly folder: string;
  readonly maxShownChars: number;
  /** What no answer may repeat. */
  readonly secrets: Pick<SentSecrets, 'strip'>;
}

export function openAnswerFolder({ folder, maxShownChars, secrets }: AnswerFolderOptions): AnswerFolder {
  return {
    prepare: () => prepareFolder(folder),
    async keep(callId, response, parts = []) {
      const { bytes: sent, isCut, brokeOff } = await readBody(response.body, MAX_ANSWER_BYTES);
      const searched = searchAnswer(secrets, sent, response.headers.get('content-type') ?? '');
      const { bytes, text, mimeType, charset, isWithheld } = searched;
      const shown = text === null ? '' : wholeChars(text, 0, maxShownChars);
      const isWhole = shown.length === text?.length;
      const file = isWhole || bytes.length === 0 ? null : write(folder, `${callId}${fileEnding(mimeType)}`, bytes);
      // A paid answer is shown as far as it can be, also where no file can be written.
      const isLost = !isWhole && bytes.length > 0 && file === null;
      if (isLost && text === null) throw notKept();
      return {
        mimeType,
        isText: text !== null,
        charset,
        byteLength: bytes.length,
        charLength: isLost ? shown.length : (text?.length ?? 0),
        shown,
        file,
        isCut: isCut || isLost,
        brokeOff,
        isWithheld,
        parts,
      };
    },
    keepPart(callId, number, part) {
      const { bytes, mimeType } = searchAnswer(secrets, part.bytes, part.mimeType);
      const file = write(folder, `${callId}.${number}${fileEnding(mimeType)}`, bytes);
      return file === null ? null : { file, mimeType, byteLength: bytes.length };
    },
    readText: ({ file, shown, charset }, offset, length) =>
      wholeChars(file === null ? shown : new TextDecoder(charset).decode(read(file)), offset, length),
    readBytes: (answer) => (answer.file === null ? Buffer.from(answer.shown) : read(answer.file)),
    drop({ file, parts }) {
      if (file !== null) rmSync(file, { force: true });
      for (const part of parts) rmSync(part.file, { force: true });
    },
  };
}

/** A part that splits no character in two, and is not too long for a result. */
function wholeChars(text: string, offset: number, length: number): string {
  const part = partOf(text, offset, Math.min(length, MAX_TEXT_BYTES));
  return jsonBytes(part) <= MAX_TEXT_BYTES ? part : wholeChars(text, offset, Math.floor(part.length / 2));
}

function partOf(text: string, offset: number, length: number): string {
  const isSecondHalf = (index: number) => /^[\udc00-\udfff]/.test(text.slice(index, index + 1)) && index > 0;
  const start = isSecondHalf(offset) ? offset - 1 : offset;
  const end = Math.min(text.length, offset + length);
  return text.slice(start, end < text.length && isSecondHalf(end) ? end - 1 : end);
}

/** Where it lies; `null` where it could not be written. */
function write(folder: string, name: string, bytes: Uint8Array): string | null {
  const path = join(folder, name);
  try {
    openPrivateFolder(folder);
    writeFileSync(path, bytes, { mode: 0o600, flag: 'wx' });
    makeRoom(folder, name);
    return path;
  } catch {
    return null;
  }
}

function notKept(): SatwayError {
  return new SatwayError('MCP_NOT_KEPT', { detail: 'The answer is no text and cannot be kept as a file.' });
}

/** The oldest go first; the one that came just now stays. */
function makeRoom(folder: string, newest: string): void {
  const files = readdirSync(folder)
    .filter((name) => name !== newest)
    .flatMap((name) => sizeAndAge(join(folder, name)))
    .sort((a, b) => b.changedAtMs - a.changedAtMs);
  let total = sizeAndAge(join(folder, newest))[0]?.size ?? 0;
  for (const [index, { path, size }] of files.entries()) {
    total += size;
    if (index + 1 >= MAX_FILES || total > MAX_TOTAL_BYTES) rmSync(path, { force: true });
  }
}

/** Another process may have taken it away. */
function sizeAndAge(path: string): { path: string; size: number; changedAtMs: number }[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true ? [{ path, size: stats.size, changedAtMs: stats.mtimeMs }] : [];
}

function read(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new SatwayError('MCP_ANSWER_GONE', { cause });
  }
}

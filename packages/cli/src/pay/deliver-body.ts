import { closeSync, createWriteStream, existsSync, openSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { SatwayError } from '@satway/base';

/**
 * Makes sure, before anything is paid, that the answer can be written where it should go; what is there stays as it is.
 *
 * @returns how to take back what was made for the check, where no answer came.
 * @throws {SatwayError} `CLI_USAGE`.
 */
export function checkOutputFile(file: string | undefined): () => void {
  if (file === undefined) return () => undefined;
  const wasThere = existsSync(file);
  try {
    closeSync(openSync(file, 'a'));
  } catch (cause) {
    throw new SatwayError('CLI_USAGE', { detail: `The file of -o cannot be written: ${file}.`, cause });
  }
  return () => {
    if (!wasThere) rmSync(file, { force: true });
  };
}

/** Streams an answer's body into a file, or to stdout. */
export async function deliverBody(response: Response, file: string | undefined): Promise<void> {
  if (response.body === null) return;
  const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
  if (file !== undefined) return pipeline(body, createWriteStream(file));
  await pipeline(body, process.stdout, { end: false });
}

/** Writes one JSON line to stdout, and comes back when it is out: a reader that is gone has got nothing. */
export function deliverJson(value: Readonly<Record<string, unknown>>): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(`${JSON.stringify(value)}\n`, (error) => (error ? reject(error) : resolve()));
  });
}

import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';

/** Streams an answer's body into a file, or to stdout. */
export async function deliverBody(response: Response, file: string | undefined): Promise<void> {
  if (response.body === null) return;
  const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
  if (file !== undefined) return pipeline(body, createWriteStream(file));
  await pipeline(body, process.stdout, { end: false });
}

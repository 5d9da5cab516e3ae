import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { SatwayError } from '@satway/base';
import { egressError } from './egress-error.js';

type Decoder = (firstByte: number) => Transform;

/** Servers send `deflate` with and without the zlib header; its first byte tells, as in the platform's fetch. */
const ZLIB_METHOD = 0x08;

const DECODERS: Readonly<Record<string, Decoder>> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  deflate: (firstByte) => ((firstByte & 0x0f) === ZLIB_METHOD ? createInflate() : createInflateRaw()),
  br: () => createBrotliDecompress(),
};

/** No server has a reason for more, and each costs memory. */
const MOST_CODINGS = 2;

/**
 * What takes the codings of a body off, the last one first. A body in a coding that is not known, or in too many, is left as it came, as the platform's fetch does: its
 * header tells what it is.
 *
 * @param contentEncoding - the header's value.
 * @returns `null` where there is nothing to take off.
 */
export function decodersFor(contentEncoding: string | null): readonly Decoder[] | null {
  const names = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length === 0 || names.length > MOST_CODINGS) return null;
  const decoders = names.map((name) => (Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined));
  return decoders.every((decoder) => decoder !== undefined) ? decoders.toReversed() : null;
}

/**
 * The decoded body, as it arrives. What comes out is counted, not only what goes in: a few kilobytes can decode to gigabytes.
 *
 * @param maxBytes - of what comes out.
 * @throws while it is read: `EGRESS_TOO_LARGE`, `EGRESS_BROKEN` for a body that is not in its coding or ends in the middle, and whatever `body` throws.
 */
export async function* decodeBody(
  body: Readable,
  decoders: readonly Decoder[],
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const decoded = decoders.reduce<AsyncIterable<Uint8Array>>(throughDecoder, body);
  let bytes = 0;
  try {
    for await (const chunk of decoded) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw egressError('EGRESS_TOO_LARGE', true);
      yield chunk;
    }
  } catch (cause) {
    throw cause instanceof SatwayError ? cause : undecodable(cause);
  } finally {
    body.destroy();
  }
}

/** A body without a byte in it is left alone: that of an answer to HEAD, and what servers make of an empty one. */
async function* throughDecoder(chunks: AsyncIterable<Uint8Array>, decoder: Decoder): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  let first = await iterator.next();
  while (first.done !== true && first.value.length === 0) first = await iterator.next();
  if (first.done === true) return;
  const transform = decoder(first.value[0] ?? 0);
  pipeline(Readable.from(startingWith(first.value, iterator), { objectMode: false }), transform, () => undefined);
  yield* transform;
}

async function* startingWith(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

function undecodable(cause: unknown): SatwayError {
  return new SatwayError('EGRESS_BROKEN', {
    detail: 'The answer is not in the coding that it names.',
    cause,
    facts: { requestMayHaveBeenSent: true },
  });
}

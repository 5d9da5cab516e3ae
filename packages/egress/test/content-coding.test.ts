import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { brotliCompressSync, constants, createGzip, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { get, openDoor, serve } from './serve.js';

const TEXT = 'what was paid for, '.repeat(5_000);
const CODINGS: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['GZIP', gzipSync],
  ['identity', (bytes) => bytes],
  ['gzip, br', (bytes) => brotliCompressSync(gzipSync(bytes))],
];
const bomb = (bytes: number): Buffer => gzipSync(Buffer.alloc(bytes));

async function answerOf(coding: string, bytes: Uint8Array, more = {}) {
  const url = await serve((_request, response) => {
    response.writeHead(200, { 'content-encoding': coding, 'content-length': bytes.length }).end(bytes);
  });
  return openDoor().exchange(get(url, more));
}

describe('an answer that was compressed', () => {
  it.each(CODINGS)('in %s is decoded, though nobody asked for it, and its headers stay', async (coding, encode) => {
    const answer = await answerOf(coding, encode(Buffer.from(TEXT)));
    expect(answer.header('content-encoding')).toBe(coding);
    expect(await answer.text()).toBe(TEXT);
  });

  it.each([
    ['in a coding that is not known', 'zstd'],
    ['in a coding with the name of something else', 'constructor'],
    ['in too many', 'gzip, gzip, gzip'],
  ])('%s is left as it came', async (_what, coding) => {
    const bytes = gzipSync('x');
    expect(Buffer.from(await (await answerOf(coding, bytes)).bytes())).toEqual(bytes);
  });

  it.each(['gzip', 'deflate', 'br'])('in %s without a byte in it is empty', async (coding) => {
    expect(await (await answerOf(coding, Buffer.alloc(0))).bytes()).toHaveLength(0);
    expect(await (await answerOf(coding, gzipSync('x'), { method: 'HEAD' })).bytes()).toHaveLength(0);
  });

  it('is counted as it is once decoded: exactly its limit passes, and a byte more does not', async () => {
    expect(await (await answerOf('gzip', bomb(1_000_000))).bytes()).toHaveLength(1_000_000);
    const larger = await answerOf('gzip', bomb(1_000_001));
    await expect(larger.bytes()).rejects.toMatchObject({
      code: 'EGRESS_TOO_LARGE',
      facts: { requestMayHaveBeenSent: true },
    });
  });

  it.each<[string, Buffer]>([
    ['gzip', bomb(512 * 1024 * 1024)],
    ['br', brotliCompressSync(Buffer.alloc(512 * 1024 * 1024), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
    ['gzip, gzip', gzipSync(bomb(512 * 1024 * 1024))],
  ])('as a bomb in %s is not unpacked beyond its limit', async (coding, bytes) => {
    expect(bytes.length).toBeLessThan(1_000_000);
    const answer = await answerOf(coding, bytes);
    const peak = peakMemory();
    await expect(answer.bytes()).rejects.toMatchObject({ code: 'EGRESS_TOO_LARGE' });
    expect(peak()).toBeLessThan(128 * 1024 * 1024);
  });

  it.each<[string, string, Buffer]>([
    ['is not in its coding', 'gzip', Buffer.from('plain text that is no gzip')],
    ['is not in its coding', 'br', Buffer.alloc(500, 0xff)],
    ['ends in the middle', 'gzip', gzipSync(randomBytes(5_000)).subarray(0, 3_000)],
    ['ends in the middle', 'br', brotliCompressSync(randomBytes(5_000)).subarray(0, 3_000)],
  ])('and %s (%s) breaks, in an error of ours', async (_what, coding, bytes) => {
    const answer = await answerOf(coding, bytes);
    await expect(answer.bytes()).rejects.toMatchObject({
      code: 'EGRESS_BROKEN',
      detail: 'The answer is not in the coding that it names.',
    });
  });

  it('is given chunk by chunk, and the connection is closed when its reader leaves', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const url = await serve((_request, response) => {
      closed = once(response, 'close');
      response.writeHead(200, { 'content-encoding': 'gzip' });
      const gzip = createGzip();
      gzip.pipe(response);
      gzip.write('first');
      gzip.flush();
    });
    const answer = await openDoor().exchange(get(url));
    for await (const chunk of answer.body) {
      expect(Buffer.from(chunk).toString()).toBe('first');
      break;
    }
    await closed;
  });

  it('ends at its time limit while it drips', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.write(gzipSync('x').subarray(0, 10));
    });
    const answer = await openDoor().exchange(get(url, { deadlineMs: 300 }));
    await expect(answer.bytes()).rejects.toMatchObject({ code: 'EGRESS_TIMEOUT' });
  });

  it('of any bytes is decoded or an error of ours', async () => {
    let next: { coding: string; bytes: Uint8Array } = { coding: 'gzip', bytes: Buffer.alloc(0) };
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': next.coding }).end(next.bytes);
    });
    const egress = openDoor();
    const codings = fc.constantFrom('gzip', 'deflate', 'br', 'br, gzip');
    await fc.assert(
      fc.asyncProperty(codings, fc.uint8Array({ maxLength: 200 }), async (coding, bytes) => {
        next = { coding, bytes };
        const ended = await (await egress.exchange(get(url))).bytes().catch((error: { code?: string }) => error.code);
        expect(typeof ended === 'string' ? ['EGRESS_BROKEN', 'EGRESS_TOO_LARGE'] : [ended]).toContain(ended);
      }),
      { numRuns: 200 },
    );
  });
});

/** By how much the memory outside of the heap has grown at most since. */
function peakMemory(): () => number {
  const before = process.memoryUsage().rss;
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss - before)), 5);
  return () => {
    clearInterval(timer);
    return most;
  };
}

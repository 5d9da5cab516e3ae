import { describe, expect, it } from 'vitest';
import { readLines } from '../../src/lnd/lines.js';

const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');

/** Chunks as a peer sends them, and how many were asked for. */
function stream(chunks: readonly (string | Uint8Array)[]) {
  const given = { count: 0 };
  async function* chunksInTurn(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) {
      given.count += 1;
      yield Buffer.from(chunk);
    }
  }
  return { body: chunksInTurn(), given };
}

async function linesOf(body: AsyncIterable<Uint8Array>, maxLineBytes = 1000): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(body, maxLineBytes)) lines.push(line);
  return lines;
}

describe('the lines of an answer', () => {
  it('are the same wherever the chunks were cut, the last one without an end included', async () => {
    expect(await linesOf(stream(['a\nb', 'c\n', '\n', 'd']).body)).toEqual(['a', 'bc', '', 'd']);
  });

  it('end with one that is too long, before more than a chunk beyond it was read', async () => {
    const { body, given } = stream(Array.from({ length: 26 }, () => MEGABYTE));
    await expect(linesOf(body, 256 * 1024)).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID', fundsMoved: 'no' });
    expect(given.count).toBe(1);
  });

  it('cost no more than their length, however small the chunks of a long one are', async () => {
    const small = Array.from({ length: 250_000 }, () => 'x');
    const [line = ''] = await linesOf(stream([...small, '\n']).body, 256 * 1024);
    expect(line).toHaveLength(250_000);
    const { body, given } = stream([...small, ...small]);
    await expect(linesOf(body, 256 * 1024)).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
    expect(given.count).toBe(256 * 1024 + 1);
  });

  it('are one too long in the middle of others as well', async () => {
    await expect(linesOf(stream([`a\n${'x'.repeat(1001)}\nb`]).body)).rejects.toMatchObject({
      code: 'WALLET_ANSWER_INVALID',
    });
    expect(await linesOf(stream([`a\n${'x'.repeat(1000)}\nb`]).body)).toHaveLength(3);
  });
});

import { describe, expect, it, onTestFinished } from 'vitest';
import { L402Client, type L402ClientOptions } from '../../src/index.js';
import { type Handler, startServer } from '../support/seller.js';
import { scriptedWallet } from '../support/wallets.js';
import { temporaryStore } from '../temporary-store.js';

/** What a call of a seller that fails in this way ends with, and what the wallet was asked meanwhile. */
async function failureOf(handler: Handler, options: Partial<L402ClientOptions> = {}) {
  const { url } = await startServer(handler);
  const wallet = scriptedWallet();
  const client = new L402Client({ wallet, store: temporaryStore(), ...options });
  onTestFinished(() => client.close());
  return { result: await client.tryFetch(url), payments: wallet.payments };
}

describe('a failure before anything was paid', () => {
  it.each<[string, Handler, Partial<L402ClientOptions>, string]>([
    ['a connection that breaks before the head', (_, response) => response.destroy(), {}, 'EGRESS_BROKEN'],
    ['a server that never answers', () => undefined, { exchangeTimeoutMs: 50 }, 'EGRESS_TIMEOUT'],
    [
      'a 402 that breaks halfway',
      (_, response) => {
        response.writeHead(402, { 'content-length': 100 });
        response.write('{', () => response.destroy());
      },
      {},
      'EGRESS_BROKEN',
    ],
    [
      'a 402 that is larger than any answer may be',
      (_, response) => response.writeHead(402).end('x'.repeat(1000)),
      { maxResponseBytes: 100 },
      'EGRESS_TOO_LARGE',
    ],
    [
      'a 402 that never ends',
      (_, response) => void response.writeHead(402).write('{'),
      { exchangeTimeoutMs: 50 },
      'EGRESS_TIMEOUT',
    ],
  ])('says that no money moved: %s', async (_, handler, options, code) => {
    const { result, payments } = await failureOf(handler, options);
    expect(result).toMatchObject({
      ok: false,
      code,
      fundsMoved: 'no',
      error: { facts: { requestMayHaveBeenSent: true } },
    });
    expect(payments).toEqual([]);
  });
});

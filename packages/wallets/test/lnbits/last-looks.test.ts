import type { InvoiceState } from '@satway/wallets';
import { createLnbitsIssuer } from '@satway/wallets/lnbits';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { LastLooks } from '../../src/lnbits/last-looks.js';
import { HASH, INVOICE_KEY, invoiceOf, json, rowOf, startLnbitsServer } from './lnbits-server.js';

const OPEN: InvoiceState = { state: 'open', expiresAtMs: 0 };
const SETTLED: InvoiceState = { state: 'settled', amountReceivedMsat: 1000, settledAtMs: null };
const HOUR_MS = 3_600_000;

describe('an invoice that nobody asks for', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Whose look-ups are noted with how long each was before the end of the invoice. */
  function watch(lastsMs: number, answer: (look: number) => InvoiceState | Promise<InvoiceState>) {
    const asked: number[] = [];
    const endsAtMs = performance.now() + lastsMs;
    const looks = new LastLooks(async () => answer(asked.push(Math.round(endsAtMs - performance.now()))));
    onTestFinished(() => looks.close());
    looks.add(HASH, lastsMs);
    return { asked, looks };
  }

  it('is looked up two minutes and ten seconds before its end, and never after it', async () => {
    const { asked } = watch(HOUR_MS, () => OPEN);
    await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
    expect(asked).toEqual([120_000, 10_000]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is looked up in its last quarter and its last eighth where it is short', async () => {
    const { asked } = watch(80_000, () => OPEN);
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect(asked).toEqual([20_000, 10_000]);
  });

  it.each<InvoiceState>([SETTLED, { state: 'closed' }, { state: 'notFound' }])(
    'and is $state is left alone then',
    async (state) => {
      const { asked } = watch(HOUR_MS, () => state);
      await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
      expect(asked).toEqual([120_000]);
    },
  );

  it('is asked for until LNbits is back, up to its end and no longer', async () => {
    const { asked } = watch(HOUR_MS, () => Promise.reject(new Error('away')));
    await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
    expect(asked.slice(0, 3)).toEqual([120_000, 115_000, 110_000]);
    expect(asked.length).toBeLessThan(40);
    expect(asked.at(-1)).toBeGreaterThan(0);
    expect(asked.at(-1)).toBeLessThan(1000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that was settled meanwhile is not asked for', async () => {
    const { asked, looks } = watch(HOUR_MS, () => OPEN);
    looks.remove(HASH);
    await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
    expect(asked).toEqual([]);
  });

  it('is not asked for any more when its wallet is closed', async () => {
    const { asked, looks } = watch(HOUR_MS, () => OPEN);
    looks.close();
    looks.add('ab'.repeat(32), 1000);
    await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
    expect(asked).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits its turn where four are being asked for', async () => {
    const asked: string[] = [];
    const answers: (() => void)[] = [];
    const looks = new LastLooks(async (hash) => {
      asked.push(hash);
      await new Promise<void>((resolve) => answers.push(resolve));
      return SETTLED;
    });
    onTestFinished(() => looks.close());
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) looks.add(name, 40_000);
    await vi.advanceTimersByTimeAsync(30_100);
    expect(asked).toHaveLength(4);
    for (const answer of answers.splice(0)) answer();
    await vi.advanceTimersByTimeAsync(200);
    expect(new Set(asked)).toEqual(new Set(['a', 'b', 'c', 'd', 'e', 'f']));
  });
});

describe('an invoice that an earlier process made', () => {
  it.each(['inspect', 'create'] as const)('is looked up before it expires, from the first %s on', async (method) => {
    const server = await startLnbitsServer();
    onTestFinished(() => server.close());
    // By the clock of the server, whatever ours says.
    const timestampSeconds = Date.parse('Sat, 21 Nov 2026 14:07:44 GMT') / 1000;
    const earlier = invoiceOf({ timestampSeconds, expirySeconds: 3 });
    const row = (more = {}) => rowOf({ amount: 21_000, status: 'pending', bolt11: earlier, ...more });
    const newHash = 'ab'.repeat(32);
    const made = invoiceOf({ paymentHashHex: newHash });
    server.routes.post = () => json(201, row({ payment_hash: newHash, bolt11: made }));
    const lookedUp = new Promise<string>((resolve) => {
      server.routes.row = ({ head }) => {
        resolve(head);
        return json(200, { details: row({ status: 'success' }) });
      };
    });
    let fails = 1;
    server.routes.list = () => {
      fails -= 1;
      if (fails >= 0) return json(500, { detail: 'not now' });
      const paid = row({ payment_hash: 'cd'.repeat(32), amount: -21_000 });
      const over = row({ bolt11: invoiceOf({ timestampSeconds: timestampSeconds - 10, expirySeconds: 10 }) });
      return json(200, [paid, over, { x: 1 }, 7, row({ bolt11: 'lnbc1' }), row({ status: 'success' }), row()]);
    };
    const issuer = createLnbitsIssuer({ url: server.url, key: INVOICE_KEY });
    onTestFinished(() => issuer.close());
    const use = (): Promise<unknown> =>
      method === 'inspect'
        ? issuer.inspect()
        : issuer.create({ amountMsat: 21_000, description: 'one call', expirySeconds: 3600 });
    await use();
    // The list could not be read the first time.
    while (server.asked('list').length < 2) await use();
    expect(await lookedUp).toContain(HASH);
    await use();
    expect(server.asked('list')).toHaveLength(2);
  });
});

describe('an invoice of LNbits', () => {
  it('is looked up before it expires without anybody asking, so that what was paid at the last moment is credited', async () => {
    const server = await startLnbitsServer();
    onTestFinished(() => server.close());
    server.routes.post = () =>
      json(201, rowOf({ amount: 21_000, status: 'pending', bolt11: invoiceOf({ expirySeconds: 2 }) }));
    const lookedUp = new Promise<void>((resolve) => {
      server.routes.row = () => {
        resolve();
        return json(200, { details: rowOf({ amount: 21_000, status: 'success' }) });
      };
    });
    const issuer = createLnbitsIssuer({ url: server.url, key: INVOICE_KEY });
    onTestFinished(() => issuer.close());
    // It was asked for an hour; what counts is what the invoice says.
    await issuer.create({ amountMsat: 21_000, description: 'one call', expirySeconds: 3600 });
    await lookedUp;
    expect(server.asked('row')[0]?.head).toContain(HASH);
  });
});

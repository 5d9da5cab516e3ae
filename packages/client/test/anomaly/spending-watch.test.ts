import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type AnomalyEvent,
  type ClientEvent,
  L402Client,
  type L402ClientOptions,
  openPurchaseStore,
} from '../../src/index.js';
import { openGate } from '../support/gate.js';
import { type Lightning, openLightning } from '../support/lightning.js';
import { type SellerOptions, startSeller } from '../support/seller.js';
import { temporaryStore, temporaryStorePath } from '../temporary-store.js';

interface Scene {
  readonly lightning: Lightning;
  readonly client: L402Client;
  readonly url: string;
  readonly events: ClientEvent[];
  /** What was unusual up to now; waits for the look that comes behind a call. */
  readonly anomalies: () => Promise<Partial<AnomalyEvent>[]>;
}

async function setTheScene(
  options: Partial<L402ClientOptions> = {},
  selling: Partial<SellerOptions> = {},
): Promise<Scene> {
  const lightning = openLightning();
  const store = temporaryStore();
  const seller = await startSeller({ issuer: lightning.issuer, ...selling });
  const events: ClientEvent[] = [];
  const client = new L402Client({
    wallet: lightning.payer,
    store,
    anomaly: {},
    onEvent: (event) => void events.push(event),
    ...options,
  });
  onTestFinished(() => client.close());
  return {
    lightning,
    client,
    url: `${seller.url}/item`,
    events,
    async anomalies() {
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      return events.filter((event) => event.type === 'anomaly');
    },
  };
}

const kinds = (anomalies: readonly Partial<AnomalyEvent>[]) => anomalies.map(({ kind }) => kind);

describe('a watch of the spending', () => {
  it('tells of the first payment to a host once, when the answer is there', async () => {
    const { client, url, events, anomalies } = await setTheScene();
    await client.fetch(`${url}/1`);
    expect(events.map(({ type }) => type)).not.toContain('anomaly');
    expect(await anomalies()).toEqual([
      {
        type: 'anomaly',
        kind: 'new_host',
        anomalyId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        atMs: expect.any(Number),
        host: new URL(url).host,
        paymentHashHex: expect.stringMatching(/^[0-9a-f]{64}$/),
        amountMsat: 5000,
      },
    ]);
    await client.fetch(`${url}/2`);
    expect(await anomalies()).toHaveLength(1);
  });

  it.each([
    [5000, 7500, 1.5],
    [5000, 3000, 0.6],
    [5000, 7499, null],
    [5000, 5000, null],
  ])('of a price that goes from %d to %d msat tells the factor %s', async (before, after, factor) => {
    const lightning = openLightning();
    const prices = { issuer: lightning.issuer, priceMsat: before };
    const seller = await startSeller(prices);
    const store = temporaryStore();
    const events: ClientEvent[] = [];
    const client = new L402Client({
      wallet: lightning.payer,
      store,
      anomaly: {},
      onEvent: (event) => void events.push(event),
    });
    onTestFinished(() => client.close());
    await client.fetch(`${seller.url}/1`);
    prices.priceMsat = after;
    await client.fetch(`${seller.url}/2`);
    await client.close();
    const changed = events.filter((event) => event.type === 'anomaly' && event.kind === 'price_changed');
    expect(changed).toMatchObject(factor === null ? [] : [{ previousMsat: before, amountMsat: after, factor }]);
  });

  it('tells when a budget is nearly spent, when it is spent, and each once until it was below again', async () => {
    const { client, url, anomalies } = await setTheScene({ budgetSats: 25, anomaly: { newHost: false } });
    for (let count = 1; count <= 3; count++) await client.fetch(`${url}/${count}`);
    expect(await anomalies()).toEqual([]);
    await client.fetch(`${url}/4`);
    const near = {
      kind: 'budget_nearly_spent',
      budgetId: 'default',
      limit: 'total',
      usedMsat: 20_000,
      capMsat: 25_000,
    };
    expect(await anomalies()).toMatchObject([near]);
    await client.fetch(`${url}/5`);
    const spent = { kind: 'budget_spent', usedMsat: 25_000 };
    expect(await anomalies()).toMatchObject([near, spent]);
    expect(await client.tryFetch(`${url}/6`)).toMatchObject({ code: 'BUDGET_EXHAUSTED' });
    expect(await anomalies()).toHaveLength(2);
  });

  it('calls a budget spent that does not cover what was asked for', async () => {
    const { client, url, anomalies } = await setTheScene({ budgetSats: 13, anomaly: { newHost: false } });
    await client.fetch(`${url}/1`);
    await client.fetch(`${url}/2`);
    expect(await anomalies()).toEqual([]);
    expect(await client.tryFetch(`${url}/3`)).toMatchObject({ ok: false, code: 'BUDGET_EXHAUSTED' });
    expect(await anomalies()).toMatchObject([{ kind: 'budget_spent', usedMsat: 10_000, capMsat: 13_000 }]);
  });

  it('tells of a budget again that was below its mark in between', async () => {
    const lightning = openLightning();
    const seller = await startSeller({ issuer: lightning.issuer });
    const store = temporaryStore();
    const told: string[] = [];
    for (const [number, budgetSats] of [5, 100, 11].entries()) {
      const client = new L402Client({
        wallet: lightning.payer,
        store,
        budgetSats,
        anomaly: { newHost: false },
        onEvent: (event) => void (event.type === 'anomaly' && told.push(`${budgetSats}: ${event.kind}`)),
      });
      await client.tryFetch(`${seller.url}/${number}`);
      await client.close();
    }
    expect(told).toEqual(['5: budget_spent', '11: budget_spent']);
  });

  it('names the limit of a stretch of time, and its host', async () => {
    const limits = { perHostAndDaySats: 12, perDaySats: 'off', perMinuteSats: 12 } as const;
    const { client, url, anomalies } = await setTheScene({ limits, anomaly: { newHost: false } });
    await client.fetch(`${url}/1`);
    await client.fetch(`${url}/2`);
    expect(await anomalies()).toMatchObject([
      { kind: 'budget_nearly_spent', limit: 'perMinute', host: null },
      { kind: 'budget_nearly_spent', limit: 'perHostAndDay', host: new URL(url).host },
    ]);
    expect(await client.tryFetch(`${url}/3`)).toMatchObject({ code: 'SPENDING_LIMIT_REACHED' });
    expect(kinds(await anomalies()).slice(2)).toEqual(['budget_spent', 'budget_spent']);
  });

  it('tells of an hour that is far busier than any before, once', async () => {
    const lightning = openLightning();
    const seller = await startSeller({ issuer: lightning.issuer });
    const clock = { hoursAgo: 0 };
    const store = openPurchaseStore({
      path: temporaryStorePath(),
      nowMs: () => Date.now() - clock.hoursAgo * 3_600_000,
    });
    onTestFinished(() => store.close());
    const events: ClientEvent[] = [];
    const anomaly = { newHost: false, spendingRate: { minSats: 20, minHours: 3 } };
    const onEvent = (event: ClientEvent) => void events.push(event);
    const client = new L402Client({ wallet: lightning.payer, store, anomaly, onEvent });
    const spending = () => events.filter((event) => event.type === 'anomaly');
    for (const hoursAgo of [30, 5, 3]) {
      clock.hoursAgo = hoursAgo;
      for (const path of ['a', 'b']) await client.fetch(`${seller.url}/${path}`);
    }
    clock.hoursAgo = 0;
    for (let count = 1; count <= 6; count++) await client.fetch(`${seller.url}/${count}`);
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(spending()).toEqual([]);
    for (let count = 7; count <= 9; count++) await client.fetch(`${seller.url}/${count}`);
    await client.close();
    expect(spending()).toMatchObject([
      { kind: 'spending_rate', busiestHourMsat: 10_000, host: new URL(seller.url).host },
    ]);
    const [alarm] = spending() as { spentMsat: number; factor: number }[];
    expect(alarm?.spentMsat).toBeGreaterThan(30_000);
    expect(alarm?.factor).toBe((alarm?.spentMsat ?? 0) / 10_000);
  });

  it('watches the parts of a budget as well, and tells those whom the whole tells', async () => {
    const { client, url, anomalies } = await setTheScene({ anomaly: { newHost: true, budgetShare: 0.8 } });
    const part = client.subClient({ budgetSats: 5, budgetId: 'part' });
    await part.fetch(url);
    await part.close();
    expect(await anomalies()).toMatchObject([
      { kind: 'new_host' },
      { kind: 'budget_spent', budgetId: 'part', limit: 'total', capMsat: 5000 },
    ]);
  });

  it('gives one line of JSON to the log for each, without a secret', async () => {
    const lines: string[] = [];
    const { client, url, anomalies } = await setTheScene({ anomaly: { log: (line) => void lines.push(line) } });
    await client.fetch(`${url}?key=hush`);
    const [told] = await anomalies();
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/\n|hush/);
    const { atMs: _atMs, ...rest } = told as AnomalyEvent;
    expect(JSON.parse(lines[0] ?? '')).toEqual({ time: expect.stringMatching(/^\d{4}-.*Z$/), level: 'warn', ...rest });
  });

  it('never stands in the way of a purchase: not with a log that throws, nor with a history that is broken', async () => {
    const { client, url, lightning, anomalies } = await setTheScene({
      budgetSats: 5,
      anomaly: {
        log: () => {
          throw new TypeError('log');
        },
      },
    });
    expect((await client.fetch(`${url}/1`)).status).toBe(200);
    // The first that could not be logged keeps nobody from being told of the second.
    expect(kinds(await anomalies())).toEqual(['new_host', 'budget_spent']);
    const store = temporaryStore();
    const looks = openGate<void>();
    const broken = {
      ...store,
      history: {
        ...store.history,
        isFirstOfHost: () => {
          looks.resolve();
          throw new TypeError('history');
        },
      },
    };
    const other = new L402Client({ wallet: lightning.payer, store: broken, anomaly: {} });
    expect((await other.fetch(`${url}/2`)).status).toBe(200);
    await looks.promise;
    expect((await other.fetch(`${url}/3`)).status).toBe(200);
    await other.close();
    expect(lightning.settledMsat()).toEqual([5000, 5000, 5000]);
  });

  it('looks at nothing between the payment and the answer', async () => {
    const lightning = openLightning();
    const seller = await startSeller({ issuer: lightning.issuer });
    const store = temporaryStore();
    const order: string[] = [];
    const watched = {
      ...store,
      history: new Proxy(store.history, {
        get(target, name) {
          order.push('look');
          return Reflect.get(target, name) as unknown;
        },
      }),
    };
    const client = new L402Client({ wallet: lightning.payer, store: watched, anomaly: {} });
    await client.fetch(`${seller.url}/item`);
    order.push('answer');
    await client.close();
    expect(order[0]).toBe('answer');
    expect(order).toContain('look');
  });

  it('looks at what recovery finds out, too', async () => {
    const lightning = openLightning();
    const seller = await startSeller({ issuer: lightning.issuer });
    const store = temporaryStore();
    lightning.addFault({ kind: 'held' });
    const first = new L402Client({ wallet: lightning.payer, store, paymentTimeoutMs: 200 });
    expect(await first.tryFetch(seller.url)).toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    await first.close();
    lightning.resolveAll();
    const told: string[] = [];
    const onEvent = (event: ClientEvent) => void (event.type === 'anomaly' && told.push(event.kind));
    const second = new L402Client({ wallet: lightning.payer, store, anomaly: {}, onEvent });
    expect(await second.recover()).toMatchObject({ settled: 1 });
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(told).toEqual(['new_host']);
    await second.close();
  });

  it.each([
    { newhost: true },
    { priceFactor: 1 },
    { priceFactor: Number.NaN },
    { budgetShare: 1.1 },
    { budgetShare: 0 },
    { spendingRate: { factor: 0.5 } },
    { spendingRate: { minSats: 0.5 } },
    { log: 'console' },
    { webhook: { url: 'ftp://x', secret: 'a'.repeat(16) } },
    { webhook: { url: 'https://user:hush@x', secret: 'a'.repeat(16) } },
    { webhook: { url: 'https://x', secret: 'short' } },
    { webhook: { url: 'https://x', secret: 'a'.repeat(16), retries: 3 } },
  ])('refuses options that cannot be meant: %o', async (anomaly) => {
    const refused = setTheScene({ anomaly: anomaly as L402ClientOptions['anomaly'] & object });
    await expect(refused).rejects.toMatchObject({
      code: 'CLIENT_OPTIONS_INVALID',
      detail: expect.not.stringContaining('hush'),
    });
  });
});

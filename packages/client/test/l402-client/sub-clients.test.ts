import { afterEach, describe, expect, it } from 'vitest';
import { L402Client, type L402ClientOptions } from '../../src/index.js';
import { openLightning } from '../support/lightning.js';
import { startSeller } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

const clients: L402Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

/** A seller of things for 5 sats each, and an orchestrator. */
async function setTheScene(options: Partial<L402ClientOptions> = {}) {
  const lightning = openLightning();
  const store = temporaryStore();
  const seller = await startSeller({ issuer: lightning.issuer });
  const parent = new L402Client({ wallet: lightning.payer, store, ...options });
  clients.push(parent);
  const child = (more: Parameters<L402Client['subClient']>[0], of = parent) => {
    const client = of.subClient(more);
    clients.push(client);
    return client;
  };
  let item = 0;
  const buy = (client: L402Client) => client.tryFetch(`${seller.url}/item/${(item += 1)}`);
  return { lightning, store, seller, parent, child, buy };
}

const refused = (code: string) => ({ ok: false, code, fundsMoved: 'no' });

describe('a sub-client', () => {
  it('spends its own part, which is spent of the whole as well', async () => {
    const { parent, child, buy } = await setTheScene({ budgetSats: 100 });
    const sub = child({ budgetSats: 12 });
    expect(await buy(sub)).toMatchObject({ ok: true });
    expect(await buy(sub)).toMatchObject({ ok: true });
    expect(await buy(sub)).toMatchObject(refused('BUDGET_EXHAUSTED'));
    expect(sub.budget()).toMatchObject({ spentMsat: 10_000, capMsat: 12_000, parentId: 'default' });
    expect(parent.budget()).toMatchObject({ spentMsat: 10_000, capMsat: 100_000 });
  });

  it('is one of many that together never pass what the whole may spend', async () => {
    const { lightning, parent, child, buy } = await setTheScene({ budgetSats: 22 });
    const subs = Array.from({ length: 5 }, () => child({ budgetSats: 20 }));
    const results = await Promise.all([...subs, ...subs].map(buy));
    expect(results.filter(({ ok }) => ok)).toHaveLength(4);
    expect(lightning.settledMsat()).toEqual([5000, 5000, 5000, 5000]);
    expect(parent.budget().spentMsat).toBe(20_000);
  });

  it('leaves the watching of the wallet to the one above it', async () => {
    const events: string[] = [];
    const { parent, child } = await setTheScene({ watch: { onEvent: ({ type }) => void events.push(type) } });
    child({ budgetSats: 10 });
    child({ budgetSats: 10 });
    await expect.poll(() => events.length).toBeGreaterThan(0);
    await parent.close();
    expect(events).toEqual(['wallet_read']);
  });

  it('can have parts of its own', async () => {
    const { parent, child, buy } = await setTheScene({ budgetSats: 100 });
    const middle = child({ budgetSats: 8 });
    const lowest = child({ budgetSats: 50 }, middle);
    expect(await buy(lowest)).toMatchObject({ ok: true });
    expect(await buy(lowest)).toMatchObject(refused('BUDGET_EXHAUSTED'));
    expect([lowest, middle, parent].map((client) => client.budget().spentMsat)).toEqual([5000, 5000, 5000]);
  });

  it('is held to the limits of those above it', async () => {
    const { child, buy } = await setTheScene({ limits: { perMinuteSats: 7 } });
    const sub = child({ budgetSats: 100 });
    expect(await buy(sub)).toMatchObject({ ok: true });
    expect(await buy(sub)).toMatchObject({
      ...refused('SPENDING_LIMIT_REACHED'),
      error: { detail: 'The limit perMinute.' },
    });
  });

  it('pays no more for one request than those above it, whatever it was given', async () => {
    const { child, buy } = await setTheScene({ maxPerRequestSats: 4 });
    expect(await buy(child({ budgetSats: 100, maxPerRequestSats: 1000 }))).toMatchObject(refused('PRICE_ABOVE_LIMIT'));
  });

  it('buys nowhere where those above it do not buy', async () => {
    const { seller, child, buy } = await setTheScene({ hosts: { deny: ['127.0.0.1'] } });
    const sub = child({ budgetSats: 100, hosts: { allow: [new URL(seller.url).host] } });
    expect(await buy(sub)).toMatchObject(refused('HOST_NOT_ALLOWED'));
  });

  it('cannot say yes in the place of those above it', async () => {
    const asked: string[] = [];
    const { lightning, child, buy } = await setTheScene({ approve: () => (asked.push('above'), false) });
    const sub = child({ budgetSats: 100, approve: () => (asked.push('itself'), true) });
    expect(await buy(sub)).toMatchObject(refused('APPROVAL_DENIED'));
    expect(asked).toEqual(['itself', 'above']);
    expect(lightning.settledMsat()).toEqual([]);
  });

  it('asks those above it where it asks nobody itself', async () => {
    const { child, buy } = await setTheScene({ approve: () => false });
    expect(await buy(child({ budgetSats: 100 }))).toMatchObject(refused('APPROVAL_DENIED'));
  });

  it('takes its part up again under the name it was given', async () => {
    const { child, buy } = await setTheScene({ budgetSats: 100 });
    const first = child({ budgetSats: 8, budgetId: 'research' });
    expect(await buy(first)).toMatchObject({ ok: true });
    await first.close();
    expect(await buy(child({ budgetSats: 8, budgetId: 'research' }))).toMatchObject(refused('BUDGET_EXHAUSTED'));
  });

  it('may outlive the client that it was carved out of, and is bound all the same', async () => {
    const { parent, child, buy } = await setTheScene({ limits: { perDaySats: 7, perHostAndDaySats: 'off' } });
    const sub = child({ budgetSats: 100 });
    expect(await buy(sub)).toMatchObject({ ok: true });
    await parent.close();
    expect(await buy(sub)).toMatchObject({ ok: false });
  });
});

describe('lists of hosts and payees', () => {
  it('let only those on the list be paid, by host or by host and port', async () => {
    const { seller, lightning, buy, parent } = await setTheScene({ hosts: { allow: ['api.example'] } });
    expect(await buy(parent)).toMatchObject(refused('HOST_NOT_ALLOWED'));
    const store = temporaryStore();
    for (const entry of ['127.0.0.1', new URL(seller.url).host]) {
      const client = new L402Client({ wallet: lightning.payer, store, hosts: { allow: [entry] } });
      clients.push(client);
      expect(await buy(client)).toMatchObject({ ok: true });
    }
  });

  it('let nobody be paid who is denied, though allowed', async () => {
    const { parent, buy } = await setTheScene({ hosts: { allow: ['127.0.0.1'], deny: ['127.0.0.1'] } });
    expect(await buy(parent)).toMatchObject(refused('HOST_NOT_ALLOWED'));
  });

  it('know a payee by the key that signed the invoice', async () => {
    const { lightning, buy, parent } = await setTheScene({ payees: { allow: [`02${'11'.repeat(32)}`] } });
    expect(await buy(parent)).toMatchObject(refused('PAYEE_NOT_ALLOWED'));
    const payee = lightning.network.node('seller').pubkeyHex;
    const client = new L402Client({
      wallet: lightning.payer,
      store: temporaryStore(),
      payees: { allow: [payee.toUpperCase()] },
    });
    clients.push(client);
    expect(await buy(client)).toMatchObject({ ok: true });
  });
});

import { SatwayError } from '@satway/base';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAxiosAdapter } from '../../src/axios/index.js';
import {
  createPayingFetch,
  delegate,
  fetchWithCredential,
  L402Client,
  openPurchaseStore,
  type PurchaseStore,
} from '../../src/index.js';
import { openLightning } from '../support/lightning.js';
import { startSeller } from '../support/seller.js';
import { temporaryStore, temporaryStorePath } from '../temporary-store.js';

const PAYEE = `02${'aa'.repeat(32)}`;

/** As a caller without types gives options. */
type Untyped = Readonly<Record<string, unknown>>;

async function setTheScene() {
  const lightning = openLightning();
  const store: PurchaseStore = temporaryStore();
  const seller = await startSeller({ issuer: lightning.issuer });
  const open = (options: Untyped = {}) => {
    const client = new L402Client({ wallet: lightning.payer, store, ...options });
    onTestFinished(() => client.close());
    return client;
  };
  return { lightning, seller, open, url: `${seller.url}/item` };
}

function refusalOf(work: () => unknown): SatwayError {
  try {
    work();
  } catch (error) {
    if (error instanceof SatwayError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

const invalid = { code: 'CLIENT_OPTIONS_INVALID', fundsMoved: 'no' };

describe('an option of a client', () => {
  it.each<[Untyped, string]>([
    [{ maxPerRequestSat: 1 }, 'Option maxPerRequestSat is not known; maxPerRequestSats is.'],
    [{ budgetSat: 1 }, 'Option budgetSat is not known; budgetSats is.'],
    [{ BudgetSats: 1 }, 'Option BudgetSats is not known; budgetSats is.'],
    [{ approver: () => false }, 'Option approver is not known; approve is.'],
    [{ approve: false }, 'Option approve.'],
    [{ approve: null }, 'Option approve.'],
    [{ maxPerRequestSats: null }, 'Option maxPerRequestSats.'],
    [{ limits: { perDaySat: 0 } }, 'Option limits.perDaySat is not known; limits.perDaySats is.'],
    [{ limits: { perMonthSats: 0 } }, 'Option limits.perMonthSats is not known; limits.perMinuteSats is.'],
    [
      { limits: { weekly: 0 } },
      'Option limits.weekly is not known; known are perMinuteSats, perHourSats, perDaySats, perHostAndDaySats, perSessionSats.',
    ],
    [{ limits: [0] }, 'Option limits is no object with names.'],
    [{ limits: 0 }, 'Option limits is no object with names.'],
    [{ limits: null }, 'Option limits is no object with names.'],
    [{ hosts: { allowed: ['other.example'] } }, 'Option hosts.allowed is not known; hosts.allow is.'],
    [{ hosts: { denied: ['127.0.0.1'] } }, 'Option hosts.denied is not known; known are allow, deny.'],
    [{ hosts: ['other.example'] }, 'Option hosts is no object with names.'],
    [{ hosts: 'other.example' }, 'Option hosts is no object with names.'],
    [{ hosts: { allow: 'other.example' } }, 'Option hosts.allow.'],
    [{ hosts: { deny: new Set(['127.0.0.1']) } }, 'Option hosts.deny.'],
    [{ hosts: { deny: null } }, 'Option hosts.deny.'],
    [{ hosts: { deny: [null] } }, 'Option hosts.'],
    [{ payees: { allowed: [PAYEE] } }, 'Option payees.allowed is not known; payees.allow is.'],
    [{ payees: [PAYEE] }, 'Option payees is no object with names.'],
    [{ payees: { deny: PAYEE } }, 'Option payees.deny.'],
    [{ watch: { balanceBelowSat: 5 } }, 'Option watch.balanceBelowSat is not known; watch.balanceBelowSats is.'],
    [{ watch: true }, 'Option watch is no object with names.'],
    [{ anomaly: { budgetshare: 0.5 } }, 'Option anomaly.budgetshare is not known; anomaly.budgetShare is.'],
    [{ anomaly: null }, 'Option anomaly is no object with names.'],
    [
      { anomaly: { spendingRate: { minSat: 5 } } },
      'Option anomaly.spendingRate.minSat is not known; anomaly.spendingRate.minSats is.',
    ],
    [{ hooks: [] }, 'Option hooks.'],
    [{ hooks: { aprove: () => false } }, 'Option hooks.aprove is not known; hooks.approve is.'],
    [{ hooks: { aprove: false } }, 'Option hooks.aprove is not known; hooks.approve is.'],
    [{ hooks: { approve: false } }, 'Option hooks.approve.'],
    [{ hooks: null }, 'Option hooks.'],
    [{ onEvent: 'log' }, 'Option onEvent.'],
    [{ paidElsewhere: true }, 'Option paidElsewhere.'],
    [{ allowHosts: 'localhost' }, 'Option allowHosts.'],
    [{ egress: null }, 'Option egress.'],
    [{ clock: 5 }, 'Option clock.'],
    [{ wallet: null }, 'Option wallet.'],
    [{ store: undefined }, 'Option store.'],
    [{ ['x'.repeat(2_000)]: 1 }, `Option ${'x'.repeat(50)} is not known.`],
  ])('that would be none is refused at the start: %o', async (options, detail) => {
    const { open } = await setTheScene();
    expect(refusalOf(() => open(options))).toMatchObject({ ...invalid, detail });
  });

  it('is told with all others that are wrong', async () => {
    const { open } = await setTheScene();
    const refusal = refusalOf(() => open({ budgetSat: 1, limits: { perDaySat: 0 }, hosts: [], payees: { only: [] } }));
    expect(refusal.detail).toBe(
      'Option budgetSat is not known; budgetSats is. Option limits.perDaySat is not known; limits.perDaySats is. Option hosts is no object with names. Option payees.only is not known; known are allow, deny.',
    );
  });

  it('may be there without a value, as from a variable that is not set', async () => {
    const { open, url } = await setTheScene();
    const unset = { budgetSats: undefined, limits: undefined, hosts: { allow: undefined }, approve: undefined };
    expect(await open(unset).tryFetch(url, {}, {})).toMatchObject({ ok: true });
  });

  it('cannot be left out with all others', () => {
    expect(refusalOf(() => new L402Client(undefined as never))).toMatchObject(invalid);
  });
});

describe('an option of one call', () => {
  it.each<[unknown, string]>([
    [{ maxCostSat: 1 }, 'Option maxCostSat is not known; maxCostSats is.'],
    [{ maxSats: 1 }, 'Option maxSats is not known; known are maxCostSats, approve.'],
    [{ approver: () => false }, 'Option approver is not known; approve is.'],
    [{ approve: false }, 'Option approve.'],
    [{ maxCostSats: null }, 'Option maxCostSats.'],
    [null, 'The options are no object with names.'],
    [4, 'The options are no object with names.'],
  ])('that would be none is refused before anything is asked: %o', async (perCall, detail) => {
    const { open, url, seller, lightning } = await setTheScene();
    const client = open();
    const refused = { ...invalid, ok: false, error: { detail } };
    expect(await client.tryFetch(url, {}, perCall as never)).toMatchObject(refused);
    await expect(client.obtain(url, {}, perCall as never)).rejects.toMatchObject({ ...invalid, detail });
    const tool = { origin: seller.url, tool: 't', arguments: {}, call: () => client.fetch(url).then(() => ({})) };
    await expect(client.callTool(tool, {}, perCall as never)).rejects.toMatchObject({ ...invalid, detail });
    expect(refusalOf(() => createPayingFetch(client, perCall as never))).toMatchObject({ ...invalid, detail });
    expect(refusalOf(() => createAxiosAdapter(client, perCall as never))).toMatchObject({ ...invalid, detail });
    expect(seller.seen).toEqual([]);
    expect(lightning.payments()).toEqual([]);
  });

  it.each([{ maxCostSats: 1 }, { approve: () => false }])(
    'that stands among those of the request is refused: %o',
    async (init) => {
      const { open, url, seller } = await setTheScene();
      const client = open();
      expect(await client.tryFetch(url, init as never)).toMatchObject({ ...invalid, ok: false });
      await expect(client.obtain(url, init as never)).rejects.toMatchObject(invalid);
      const [name = ''] = Object.keys(init);
      const tool = { origin: seller.url, tool: 't', arguments: {}, call: () => client.fetch(url).then(() => ({})) };
      await expect(client.callTool(tool, init as never)).rejects.toMatchObject({
        ...invalid,
        detail: expect.stringContaining(name) as string,
      });
      expect(seller.seen).toEqual([]);
    },
  );
});

describe('an option of a part of a budget', () => {
  it.each<[unknown, string]>([
    [{ budgetSat: 5 }, 'Option budgetSat is not known; budgetSats is.'],
    [{}, 'Option budgetSats.'],
    [undefined, 'The options are no object with names.'],
    [{ budgetSats: 5, limits: { perDaySat: 1 } }, 'Option limits.perDaySat is not known; limits.perDaySats is.'],
    [{ budgetSats: 5, hosts: { allowed: [] } }, 'Option hosts.allowed is not known; hosts.allow is.'],
    [
      { budgetSats: 5, wallet: {} },
      'Option wallet is not known; known are budgetSats, budgetId, maxPerRequestSats, limits, hosts, payees, approve, onEvent, hooks.',
    ],
    [{ budgetSats: 5, approve: true }, 'Option approve.'],
  ])('that would be none is refused: %o', async (options, detail) => {
    const { open } = await setTheScene();
    expect(refusalOf(() => open().subClient(options as never))).toMatchObject({ ...invalid, detail });
  });
});

describe('an option beside the client', () => {
  it('that nobody knows is refused where a credential is used or narrowed', async () => {
    const { open, url, seller } = await setTheScene();
    const { token } = await open().obtain(url);
    const before = seller.seen.length;
    expect(await fetchWithCredential(url, token, {}, { maxResponseByte: 1 } as never)).toMatchObject({
      ...invalid,
      ok: false,
    });
    expect(await fetchWithCredential(url, token, {}, { allowHosts: 'localhost' as never })).toMatchObject({
      ...invalid,
      ok: false,
    });
    expect(seller.seen).toHaveLength(before);
    expect(delegate(token, {}, { now: Date.now } as never)).toMatchObject({ ok: false, code: 'DELEGATION_INVALID' });
  });

  it('that nobody knows is refused where a store is opened', () => {
    const options = { path: temporaryStorePath(), vaultkey: new Uint8Array(32) };
    expect(refusalOf(() => openPurchaseStore(options))).toMatchObject({
      ...invalid,
      detail: 'Option vaultkey is not known; vaultKey is.',
    });
  });
});

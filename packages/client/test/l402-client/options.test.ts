import { describe, expect, it } from 'vitest';
import { L402Client, type L402ClientOptions } from '../../src/index.js';
import { checkHosts, checkLimits, hostWithPort } from '../../src/l402-client/check-limits.js';
import { scriptedWallet } from '../support/wallets.js';
import { temporaryStore } from '../temporary-store.js';

function make(options: Partial<L402ClientOptions> = {}) {
  const store = temporaryStore();
  return { store, client: new L402Client({ wallet: scriptedWallet(), store, ...options }) };
}

const wrong = (code: string) => expect.objectContaining({ code, fundsMoved: 'no' });

describe('the options of a client', () => {
  it('are safe when nothing is configured: 5,000 sats a day, and 1,000 of them to one host', async () => {
    const { client, store } = make();
    expect(client.budget()).toMatchObject({
      budgetId: 'default',
      capMsat: null,
      limits: [{ limit: 'perDay', capMsat: 5_000_000, usedMsat: 0, budgetId: 'default' }],
    });
    const limits = { budgetId: 'default', limits: checkLimits() };
    expect(store.budgets.limitStates(limits, 'api.example')).toContainEqual({
      limit: 'perHostAndDay',
      capMsat: 1_000_000,
      usedMsat: 0,
    });
    await client.close();
  });

  it('keep their limits where one is there but undefined, as from a variable that is not set', () => {
    const unset = Object.fromEntries([
      ['perDaySats', undefined],
      ['perHostAndDaySats', undefined],
    ]);
    expect(checkLimits(unset)).toEqual(checkLimits());
    expect(checkLimits({ perDaySats: 'off' })).toMatchObject({ perDayMsat: null, perHostAndDayMsat: 1_000_000 });
  });

  it('know a host also by the name with a dot at its end', () => {
    expect(checkHosts({ deny: ['evil.example'] })(hostWithPort('https://evil.example.'))).toBe(false);
    expect(checkHosts({ deny: ['evil.example.'] })(hostWithPort('https://evil.example'))).toBe(false);
    expect(checkHosts({ allow: ['good.example:8443'] })(hostWithPort('https://good.example.:8443'))).toBe(true);
  });

  it.each([
    [{ limits: { perDaySats: null as never } }],
    [{ limits: { perDaySats: -1 } }],
    [{ limits: { perMinuteSats: 1.5 } }],
    [{ limits: { perSessionSats: 'none' as never } }],
    [{ hosts: { allow: ['https://api.example'] } }],
    [{ hosts: { deny: ['api.example/path'] } }],
    [{ payees: { allow: ['02ab'] } }],
  ])('refuse %j', (options) => {
    expect(() => make(options)).toThrow(wrong('CLIENT_OPTIONS_INVALID'));
  });

  it('register the cap under the budget that is named, until the client is closed', async () => {
    const { client, store } = make({ budgetId: 'research', budgetSats: 7 });
    expect(store.budgets.state('research').capMsat).toBe(7000);
    await client.close();
    expect(store.budgets.state('research').capMsat).toBeNull();
  });

  it.each([
    ['budgetSats', -1],
    ['budgetSats', 1.5],
    ['budgetSats', Number.NaN],
    ['budgetSats', Number.POSITIVE_INFINITY],
    ['budgetSats', '10' as never],
    ['maxPerRequestSats', -1],
    ['maxPerRequestSats', 0.1],
    ['exchangeTimeoutMs', 0],
    ['paymentTimeoutMs', -5],
    ['exchangeTimeoutMs', 2 ** 31 - 1],
    ['paymentTimeoutMs', 2 ** 31 - 1],
    ['paymentTimeoutMs', 2 ** 31 - 5_000],
    ['maxFreeRetries', 1.5],
    ['maxRetryWaitMs', 2 ** 31],
    ['budgetId', '' as never],
  ])('refuse %s %s', (option, value) => {
    expect(() => make({ [option]: value })).toThrow(wrong('CLIENT_OPTIONS_INVALID'));
  });

  it.each(['exchangeTimeoutMs', 'paymentTimeoutMs'])('allow a %s of three weeks', async (option) => {
    const { client } = make({ [option]: 21 * 24 * 3_600_000 });
    await client.close();
  });

  it.each(['budgetSats', 'maxPerRequestSats'])('refuse a %s whose millisatoshis are no safe integer', (option) => {
    expect(() => make({ [option]: 9_007_199_254_741 })).toThrow(wrong('AMOUNT_OUT_OF_RANGE'));
    expect(() => make({ [option]: 9_007_199_254_740 })).not.toThrow();
  });

  it('give a client that refuses calls after it was closed', async () => {
    const { client } = make();
    await client.close();
    await client.close();
    expect(await client.tryFetch('http://127.0.0.1:9/')).toMatchObject({ ok: false, code: 'CLIENT_CLOSED' });
  });
});

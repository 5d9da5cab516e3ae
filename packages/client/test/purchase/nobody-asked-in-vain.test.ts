import { describe, expect, it, onTestFinished } from 'vitest';
import { L402Client, type L402ClientOptions } from '../../src/index.js';
import { openLightning } from '../support/lightning.js';
import { startSeller } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

/** A seller of things for 5 sats each, and a client whose person counts the questions and says yes. */
async function setTheScene(options: Partial<L402ClientOptions> = {}) {
  const lightning = openLightning();
  const store = temporaryStore();
  const seller = await startSeller({ issuer: lightning.issuer });
  let asked = 0;
  const approve = () => {
    asked++;
    return true;
  };
  const client = new L402Client({ wallet: lightning.payer, store, approve, ...options });
  onTestFinished(() => client.close());
  let item = 0;
  const buy = () => client.tryFetch(`${seller.url}/item/${(item += 1)}`);
  return { client, store, seller, lightning, buy, asked: () => asked };
}

const refused = (code: string) => ({ ok: false, code, fundsMoved: 'no' });

describe('a purchase for which there is no room', () => {
  it('asks nobody when the budget is spent', async () => {
    const { store, lightning, buy, asked } = await setTheScene({ budgetSats: 9 });
    expect(await buy()).toMatchObject({ ok: true });
    expect(await buy()).toMatchObject(refused('BUDGET_EXHAUSTED'));
    expect([asked(), lightning.settledMsat()]).toEqual([1, [5000]]);
    expect(store.journal.list()[0]).toMatchObject({ state: 'failed', failure: 'BUDGET_EXHAUSTED' });
  });

  it('asks nobody when a limit is met', async () => {
    const { buy, asked } = await setTheScene({ limits: { perDaySats: 9 } });
    expect(await buy()).toMatchObject({ ok: true });
    expect(await buy()).toMatchObject(refused('SPENDING_LIMIT_REACHED'));
    expect(asked()).toBe(1);
  });

  it('asks nobody while spending is stopped, and asks again after', async () => {
    const { store, buy, asked } = await setTheScene();
    store.budgets.freeze('a look at it');
    expect(await buy()).toMatchObject(refused('BUDGET_FROZEN'));
    expect(asked()).toBe(0);
    store.budgets.thaw();
    expect(await buy()).toMatchObject({ ok: true });
    expect(asked()).toBe(1);
  });

  it('asks nobody of a sub-client when the whole is spent', async () => {
    const { client, seller, buy, asked } = await setTheScene({ budgetSats: 9 });
    expect(await buy()).toMatchObject({ ok: true });
    const sub = client.subClient({ budgetSats: 9 });
    onTestFinished(() => sub.close());
    expect(await sub.tryFetch(`${seller.url}/other`)).toMatchObject(refused('BUDGET_EXHAUSTED'));
    expect(asked()).toBe(1);
  });

  it('has taken nothing of the budget while a person is asked', async () => {
    const store = temporaryStore();
    const reservedMsat: number[] = [];
    const approve = () => {
      reservedMsat.push(store.budgets.state('default').reservedMsat);
      return false;
    };
    const { buy } = await setTheScene({ store, approve });
    expect(await buy()).toMatchObject(refused('APPROVAL_DENIED'));
    expect(reservedMsat).toEqual([0]);
  });
});

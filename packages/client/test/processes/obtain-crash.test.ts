import { describe, expect, it } from 'vitest';
import { fetchWithCredential, openPurchaseStore } from '../../src/index.js';
import { type BuyerEnd, type BuyerTask, runBuyer } from '../support/buyer-process.js';
import { type Lightning, openLightning } from '../support/lightning.js';
import { ALL_CAVEATS, type Seller, startSeller } from '../support/seller.js';
import { temporaryStorePath } from '../temporary-store.js';

interface Crash {
  readonly died: BuyerEnd;
  readonly after: BuyerEnd;
  readonly lightning: Lightning;
  readonly seller: Seller;
  readonly url: string;
  /** Whether the credential was handed over when its process died. */
  readonly isHandedOver: boolean;
}

async function crashAt(killAt: number, key: string | undefined): Promise<Crash> {
  const lightning = openLightning();
  const seller = await startSeller({ issuer: lightning.issuer, caveats: ALL_CAVEATS });
  const storePath = temporaryStorePath();
  const url = `${seller.url}/item`;
  const calls = [{ url, obtains: true, ...(key === undefined ? {} : { key }) }];
  const task: BuyerTask = { storePath, calls, budgetSats: 1000, maxPerRequestSats: 100 };
  const died = await runBuyer({ ...task, killAt }, lightning.payer);
  const isHandedOver = outcomes(storePath).includes('handed_over');
  const after = await runBuyer(task, lightning.payer);
  expect(spentMsat(storePath)).toBe(5000 * lightning.settledMsat().length);
  return { died, after, lightning, seller, url, isHandedOver };
}

function outcomes(path: string): (string | null)[] {
  const store = openPurchaseStore({ path });
  const found = store.journal.list().map(({ outcome }) => outcome);
  store.close();
  return found;
}

function spentMsat(path: string): number {
  const store = openPurchaseStore({ path });
  const { spentMsat: spent, reservedMsat } = store.budgets.state('default');
  store.close();
  expect(reservedMsat).toBe(0);
  return spent;
}

/** Kills at every point from one on, a few processes at a time. */
async function crashFrom(start: number, key?: string): Promise<Crash[]> {
  const crashes: Crash[] = [];
  for (let first = start; crashes.every(({ died }) => died.dying !== null); first += 4) {
    crashes.push(...(await Promise.all([0, 1, 2, 3].map((more) => crashAt(first + more, key)))));
  }
  return crashes;
}

const NEVER = 1_000_000;

/** The token of the second process opens one call, and then none. */
async function expectUsable({ after, url, died, seller }: Crash): Promise<void> {
  const [result] = after.results;
  expect(result, `killed ${died.dying}`).toMatchObject({ ok: true });
  expect(seller.used.size, 'nothing is used by obtaining it').toBe(0);
  expect(await fetchWithCredential(url, result?.token ?? '')).toMatchObject({ ok: true });
  expect(await fetchWithCredential(url, result?.token ?? '')).toMatchObject({ code: 'HANDED_CREDENTIAL_REFUSED' });
}

describe('a buyer of credentials that is killed with SIGKILL at any step', () => {
  it('has the same credential after its restart, by its key, for one payment', async () => {
    const crashes = await crashFrom(0, 'for-the-researcher');
    for (const crash of crashes) {
      await expectUsable(crash);
      expect(crash.lightning.settledMsat(), `killed ${crash.died.dying}`).toEqual([5000]);
    }
    const diedAt = crashes.map(({ died }) => died.dying);
    for (const step of ['begin', 'settleUnsynced', 'handOver']) {
      expect(diedAt).toEqual(expect.arrayContaining([`before store.journal.${step}`, `after store.journal.${step}`]));
    }
  }, 300_000);

  it('without a key pays again only for what was handed over', async () => {
    const { steps } = (await crashAt(NEVER, undefined)).died;
    const crashes = await crashFrom(steps - 8);
    for (const crash of crashes) {
      await expectUsable(crash);
      const { died, lightning, isHandedOver } = crash;
      expect(lightning.settledMsat(), `killed ${died.dying}`).toEqual(isHandedOver ? [5000, 5000] : [5000]);
    }
    expect(new Set(crashes.map(({ isHandedOver }) => isHandedOver))).toEqual(new Set([true, false]));
  }, 300_000);
});

import { describe, expect, it } from 'vitest';
import { openPurchaseStore } from '../../src/index.js';
import { type BuyerEnd, type BuyerTask, runBuyer } from '../support/buyer-process.js';
import { type Lightning, openLightning } from '../support/lightning.js';
import { startSeller } from '../support/seller.js';
import { temporaryStorePath } from '../temporary-store.js';

const limits = { budgetSats: 1000, maxPerRequestSats: 100 };

/** Every payment that the wallet's books call settled has its preimage in the journal, and no purchase has two. */
function expectNothingLost(storePath: string, lightning: Lightning): void {
  const store = openPurchaseStore({ path: storePath });
  const byHash = new Map(store.journal.list().map((purchase) => [purchase.paymentHashHex, purchase]));
  const buyer = lightning.network.books().nodes.find(({ name }) => name === 'buyer');
  for (const { paymentHashHex, preimageHex } of buyer?.payments ?? []) {
    const purchase = byHash.get(paymentHashHex);
    expect(store.credentials.ofPurchase(purchase?.purchaseId ?? '')?.preimageHex).toBe(preimageHex);
  }
  const { spentMsat, reservedMsat } = store.budgets.state('default');
  expect({ spentMsat, reservedMsat }).toEqual({ spentMsat: 5000 * lightning.settledMsat().length, reservedMsat: 0 });
  store.close();
}

interface CrashOptions {
  readonly key?: string;
  readonly asksApproval?: boolean;
}

interface Crash {
  readonly died: BuyerEnd;
  readonly after: BuyerEnd;
  readonly lightning: Lightning;
  /** Whether the first purchase was at its end when its process died. */
  readonly finished: boolean;
}

function isFinished(storePath: string): boolean {
  const store = openPurchaseStore({ path: storePath });
  const finished = store.journal.list().some(({ state }) => state === 'redeemed');
  store.close();
  return finished;
}

async function crashAt(point: number, more: CrashOptions): Promise<Crash> {
  const { key, asksApproval = false } = more;
  const lightning = openLightning();
  const seller = await startSeller({ issuer: lightning.issuer });
  const storePath = temporaryStorePath();
  const call = { url: `${seller.url}/item`, ...(key === undefined ? {} : { key }) };
  const task: BuyerTask = { storePath, calls: [call], asksApproval, ...limits };
  const died = await runBuyer({ ...task, killAt: point }, lightning.payer);
  const finished = isFinished(storePath);
  const after = await runBuyer(task, lightning.payer);
  expectNothingLost(storePath, lightning);
  return { died, after, lightning, finished };
}

/** How many buyers die at the same time. */
const CRASHES_AT_ONCE = 4;

/** Kills at every point there is, a few processes at a time. */
async function crashEverywhere(more: CrashOptions = {}): Promise<Crash[]> {
  const crashes: Crash[] = [];
  for (let first = 0; crashes.every(({ died }) => died.dying !== null); first += CRASHES_AT_ONCE) {
    const points = Array.from({ length: CRASHES_AT_ONCE }, (_, index) => first + index);
    crashes.push(...(await Promise.all(points.map((point) => crashAt(point, more)))));
  }
  return crashes;
}

describe('a buyer killed with SIGKILL at any step', () => {
  const ALONE = ['begin', 'settleUnsynced', 'startRedeeming', 'finishRedeeming'];
  const ASKED = ['quote', 'reserve', 'startSending', 'settleUnsynced', 'startRedeeming', 'finishRedeeming'];

  it.each([
    ['that asks nobody', false, ALONE],
    ['that asks somebody', true, ASKED],
  ])(
    '%s finishes the same logical call after its restart with one payment, and loses no preimage',
    async (_, asksApproval, steps) => {
      const crashes = await crashEverywhere({ key: 'the-one-call', asksApproval });
      for (const { died, after, lightning } of crashes) {
        expect(after.results, `killed ${died.dying}`).toMatchObject([{ ok: true, status: 200 }]);
        expect(lightning.settledMsat(), `killed ${died.dying}`).toEqual([5000]);
        expect(died.signal, `killed ${died.dying}`).toBe(died.dying === null ? null : 'SIGKILL');
      }
      const diedAt = crashes.map(({ died }) => died.dying);
      for (const step of steps) {
        const both = [`before store.journal.${step}`, `after store.journal.${step}`];
        expect(diedAt).toEqual(expect.arrayContaining(both));
      }
      expect(diedAt).toEqual(
        expect.arrayContaining(['before wallet.pay', 'after wallet.pay', 'after egress.exchange']),
      );
    },
    300_000,
  );

  it('never pays a second time for a call without a key before its first purchase is finished', async () => {
    for (const { died, after, lightning, finished } of await crashEverywhere()) {
      expect(after.results, `killed ${died.dying}`).toMatchObject([{ ok: true, status: 200 }]);
      // Once the journal says that the first call got its answer, the next one is a call of its own and pays for itself.
      expect(lightning.settledMsat(), `killed ${died.dying}`).toEqual(finished ? [5000, 5000] : [5000]);
    }
  }, 300_000);
});

describe('two processes that share one budget', () => {
  it('pay exactly what fits, together', async () => {
    const lightning = openLightning();
    const seller = await startSeller({ issuer: lightning.issuer });
    const storePath = temporaryStorePath();
    const calls = Array.from({ length: 12 }, (_, index) => ({ url: `${seller.url}/item/${index}` }));
    const task = { storePath, calls, budgetSats: 50, maxPerRequestSats: 5, atOnce: true };
    const ends = await Promise.all([runBuyer(task, lightning.payer), runBuyer(task, lightning.payer)]);
    const results = ends.flatMap(({ results }) => results);
    expect(results.filter(({ ok }) => ok)).toHaveLength(10);
    expect(new Set(results.filter(({ ok }) => !ok).map(({ code }) => code))).toEqual(new Set(['BUDGET_EXHAUSTED']));
    expect(lightning.settledMsat()).toHaveLength(10);
    expectNothingLost(storePath, lightning);
  }, 180_000);
});

import type { InvoicePayer } from '@satway/wallets';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type ApprovalRequest,
  type Clock,
  L402Client,
  type L402ClientOptions,
  openPurchaseStore,
  type PerCallOptions,
} from '../../src/index.js';
import { openToolShop } from '../priced-tools/priced-shop.js';
import { openGate } from '../support/gate.js';
import { openLightning } from '../support/lightning.js';
import { startSeller } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

/** A clock that never waits, except for whatever would keep a payment from being waited for. */
const impatient: Clock = {
  nowMs: Date.now,
  sleep: (waitMs, signal) =>
    waitMs < 60_000 ? Promise.resolve() : new Promise((resolve) => signal?.addEventListener('abort', () => resolve())),
};

/** Says that it does not know, and sends nothing: as when the request dies on its way to the wallet. */
function deaf(payer: InvoicePayer): InvoicePayer {
  return { ...payer, pay: async () => ({ state: 'unknown', detail: 'no answer' }) };
}

/** One purchase for 5 sats whose request never reached the wallet, and whoever calls for the same thing after that. */
async function setTheScene(first: Partial<L402ClientOptions> = {}) {
  const lightning = openLightning();
  const store = temporaryStore();
  const seller = await startSeller({ issuer: lightning.issuer });
  const clientWith = (options: Partial<L402ClientOptions> = {}, wallet = lightning.payer) => {
    const client = new L402Client({ wallet, store, clock: impatient, ...options });
    onTestFinished(() => client.close());
    return client;
  };
  const url = `${seller.url}/item`;
  const buy = (client: L402Client, perCall?: PerCallOptions, init: RequestInit = {}) =>
    client.tryFetch(url, init, perCall);
  const again = (options: Partial<L402ClientOptions> = {}, perCall?: PerCallOptions) =>
    buy(clientWith(options), perCall);
  const begin = async () => {
    const failing = clientWith(first, deaf(lightning.payer));
    expect(await buy(failing)).toMatchObject({ ok: false, code: 'PAYMENT_UNKNOWN' });
    await failing.close();
  };
  return { lightning, store, seller, url, clientWith, buy, again, begin };
}

const unknownBecause = (notSentAgain: string) => ({
  ok: false,
  code: 'PAYMENT_UNKNOWN',
  fundsMoved: 'unknown',
  error: { facts: { notSentAgain } },
});

type Scene = Awaited<ReturnType<typeof setTheScene>>;

/** Nothing of it has changed: unknown, reserved with a sat for fees, sent once, in nobody's hands. */
function expectUntouched({ store, lightning }: Scene): void {
  expect(lightning.payments()).toEqual([]);
  expect(store.journal.list()).toMatchObject([{ state: 'unknown', sendCount: 1, openSendings: 1, ownerId: null }]);
  expect(store.budgets.state('default').reservedMsat).toBe(6000);
}

describe('the same invoice, of which price and fee are reserved, is not sent once more', () => {
  const payee = `02${'11'.repeat(32)}`;
  const refusals: [string, Partial<L402ClientOptions>, string][] = [
    ['above what one request may cost', { maxPerRequestSats: 5 }, 'PRICE_ABOVE_LIMIT'],
    ['from a host that is denied by now', { hosts: { deny: ['127.0.0.1'] } }, 'HOST_NOT_ALLOWED'],
    ['to a node that is not allowed by now', { payees: { allow: [payee] } }, 'PAYEE_NOT_ALLOWED'],
    ['above a budget that was lowered', { budgetSats: 5 }, 'BUDGET_EXHAUSTED'],
    ['above a lowered limit per minute', { limits: { perMinuteSats: 5 } }, 'SPENDING_LIMIT_REACHED'],
    ['above a lowered limit per hour', { limits: { perHourSats: 5 } }, 'SPENDING_LIMIT_REACHED'],
    ['above a lowered limit per day', { limits: { perDaySats: 0 } }, 'SPENDING_LIMIT_REACHED'],
    ['above a lowered limit per host', { limits: { perHostAndDaySats: 5 } }, 'SPENDING_LIMIT_REACHED'],
    ['above a limit per session', { limits: { perSessionSats: 5 } }, 'SPENDING_LIMIT_REACHED'],
    ['without a yes', { approve: () => false }, 'APPROVAL_DENIED'],
    ['where the approver’s hook says no', { hooks: { approve: () => false } }, 'APPROVAL_DENIED'],
    ['for another budget than its own', { budgetId: 'another' }, 'PURCHASE_OF_OTHER_BUDGET'],
  ];
  it.each(refusals)('%s', async (_, options, code) => {
    const scene = await setTheScene();
    await scene.begin();
    const client = scene.clientWith(options);
    expect(await scene.buy(client)).toMatchObject(unknownBecause(code));
    expectUntouched(scene);
    await client.close();
    expect(await scene.again()).toMatchObject({ ok: true });
    expect(scene.lightning.settledMsat()).toEqual([5000]);
  });

  it('for a call that allows less, or whose own approver says no', async () => {
    const scene = await setTheScene();
    await scene.begin();
    expect(await scene.again({}, { maxCostSats: 5 })).toMatchObject(unknownBecause('PRICE_ABOVE_LIMIT'));
    expect(await scene.again({}, { approve: () => false })).toMatchObject(unknownBecause('APPROVAL_DENIED'));
    expectUntouched(scene);
  });

  it('while all spending is stopped', async () => {
    const scene = await setTheScene();
    await scene.begin();
    scene.store.budgets.freeze('something is wrong');
    expect(await scene.again()).toMatchObject(unknownBecause('BUDGET_FROZEN'));
    expectUntouched(scene);
  });

  it('where all spending is stopped while a person is asked', async () => {
    const scene = await setTheScene();
    await scene.begin();
    const approve = () => {
      scene.store.budgets.freeze('something is wrong');
      return true;
    };
    expect(await scene.again({ approve })).toMatchObject(unknownBecause('BUDGET_FROZEN'));
    expectUntouched(scene);
  });

  it('where another purchase takes the room while a person is asked', async () => {
    const scene = await setTheScene();
    await scene.begin();
    const approve = async () => {
      await scene.clientWith().fetch(`${scene.seller.url}/other`);
      return true;
    };
    const refused = await scene.again({ approve, limits: { perDaySats: 9 } });
    expect(refused).toMatchObject(unknownBecause('SPENDING_LIMIT_REACHED'));
    expect(scene.lightning.settledMsat()).toEqual([5000]);
  });

  it('and nobody is asked about it where there is no room for it', async () => {
    const scene = await setTheScene();
    await scene.begin();
    let asked = 0;
    const approve = () => (asked++, true);
    expect(await scene.again({ approve, limits: { perDaySats: 5 } })).toMatchObject(
      unknownBecause('SPENDING_LIMIT_REACHED'),
    );
    expect(asked).toBe(0);
    expectUntouched(scene);
  });

  it('while its budget is frozen after an overrun', async () => {
    const scene = await setTheScene();
    await scene.begin();
    const { payer } = scene.lightning;
    const dear: InvoicePayer = {
      ...payer,
      pay: async (request) => {
        const outcome = await payer.pay(request);
        return outcome.state === 'settled' ? { ...outcome, feeMsat: 50_000 } : outcome;
      },
    };
    await scene.clientWith({}, dear).tryFetch(`${scene.seller.url}/other`);
    expect(scene.store.budgets.state('default').frozenReason).toBe('overrun');
    expect(await scene.again()).toMatchObject(unknownBecause('BUDGET_FROZEN'));
    expect(scene.lightning.settledMsat()).toEqual([5000]);
  });

  it('to a seller who was stopped meanwhile', async () => {
    const scene = await setTheScene();
    await scene.begin();
    const bad = scene.store.journal.list()[0];
    scene.store.credentials.quarantine(bad?.purchaseId ?? '', Date.now());
    expect(await scene.again()).toMatchObject(unknownBecause('SELLER_STOPPED'));
    expect(scene.lightning.payments()).toEqual([]);
  });

  it('by the part of a budget that did not buy it, nor by the whole', async () => {
    const scene = await setTheScene();
    const whole = scene.clientWith({ budgetSats: 100 });
    const failingWhole = scene.clientWith({ budgetSats: 100 }, deaf(scene.lightning.payer));
    const failing = failingWhole.subClient({ budgetSats: 50, budgetId: 'a' });
    onTestFinished(() => failing.close());
    await scene.buy(failing);
    const sibling = whole.subClient({ budgetSats: 50, budgetId: 'b' });
    onTestFinished(() => sibling.close());
    expect(await scene.buy(sibling)).toMatchObject(unknownBecause('PURCHASE_OF_OTHER_BUDGET'));
    expect(await scene.buy(whole)).toMatchObject(unknownBecause('PURCHASE_OF_OTHER_BUDGET'));
    expect(scene.lightning.payments()).toEqual([]);
    const itself = whole.subClient({ budgetSats: 50, budgetId: 'a' });
    onTestFinished(() => itself.close());
    expect(await scene.buy(itself)).toMatchObject({ ok: true });
  });

  it('above the budget of the whole that was lowered', async () => {
    const scene = await setTheScene();
    const first = scene.clientWith({ budgetSats: 100 }, deaf(scene.lightning.payer));
    const failing = first.subClient({ budgetSats: 50, budgetId: 'a' });
    await scene.buy(failing);
    await failing.close();
    await first.close();
    const part = scene.clientWith({ budgetSats: 4 }).subClient({ budgetSats: 50, budgetId: 'a' });
    onTestFinished(() => part.close());
    expect(await scene.buy(part)).toMatchObject(unknownBecause('BUDGET_EXHAUSTED'));
    expect(scene.lightning.payments()).toEqual([]);
  });

  it('for a caller who leaves while a person is asked', async () => {
    const scene = await setTheScene();
    await scene.begin();
    const leaving = new AbortController();
    const approve = () => {
      leaving.abort();
      return true;
    };
    const client = scene.clientWith({ approve });
    expect(await scene.buy(client, {}, { signal: leaving.signal })).toMatchObject({
      code: 'CALL_ABORTED',
      fundsMoved: 'unknown',
    });
    await client.close();
    expectUntouched(scene);
  });

  it('for a caller who leaves while the wallet looks the payment up, nobody asked or a yes given', async () => {
    for (const approve of [undefined, () => true]) {
      const scene = await setTheScene();
      await scene.begin();
      const leaving = new AbortController();
      const { payer } = scene.lightning;
      let looks = 0;
      const lookUp: InvoicePayer['lookUp'] = async (paymentHashHex) => {
        const found = await payer.lookUp(paymentHashHex);
        if (++looks === (approve === undefined ? 1 : 2)) leaving.abort();
        return found;
      };
      const client = scene.clientWith({}, { ...payer, lookUp });
      const left = scene.buy(client, approve === undefined ? {} : { approve }, { signal: leaving.signal });
      expect(await left).toMatchObject({ ok: false, code: 'CALL_ABORTED' });
      await client.close();
      expectUntouched(scene);
    }
  });

  it('for one who joins at whatever moment and says no, nor is he told that he has it', async () => {
    const named = { headers: { 'Idempotency-Key': 'order-1' } };
    for (let ticks = 0; ticks < 12; ticks += 1) {
      const scene = await setTheScene();
      const failing = scene.clientWith({}, deaf(scene.lightning.payer));
      await scene.buy(failing, {}, named);
      await failing.close();
      const { payer } = scene.lightning;
      let joined: ReturnType<typeof scene.buy> | null = null;
      let asked = 0;
      const join = async () => {
        for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
        const approve = () => {
          asked += 1;
          return false;
        };
        joined ??= scene.buy(client, { approve }, named);
      };
      const lookUp: InvoicePayer['lookUp'] = async (paymentHashHex) => {
        const found = await payer.lookUp(paymentHashHex);
        if (joined === null) void join();
        return found;
      };
      const client = scene.clientWith({}, { ...payer, lookUp });
      await scene.buy(client, {}, named);
      const told = await (joined as ReturnType<typeof scene.buy> | null);
      expect(told?.ok === true && asked === 0).toBe(false);
    }
  });

  it('above what one who joins while a person is asked allows', async () => {
    const named = { headers: { 'Idempotency-Key': 'order-1' } };
    const scene = await setTheScene();
    const failing = scene.clientWith({}, deaf(scene.lightning.payer));
    await scene.buy(failing, {}, named);
    await failing.close();
    const asked = openGate<void>();
    const answer = openGate<boolean>();
    const approve = () => {
      asked.resolve();
      return answer.promise;
    };
    const client = scene.clientWith({ approve });
    const first = scene.buy(client, {}, named);
    await asked.promise;
    const second = scene.buy(client, { maxCostSats: 4 }, named);
    await new Promise((resolve) => setTimeout(resolve, 20));
    answer.resolve(true);
    expect(await first).toMatchObject(unknownBecause('PRICE_ABOVE_LIMIT'));
    expect(await second).toMatchObject({ ok: false });
    expect(scene.lightning.payments()).toEqual([]);
  });

  it('in the name of one who joins after the yes and was not asked', async () => {
    const named = { headers: { 'Idempotency-Key': 'order-1' } };
    const scene = await setTheScene();
    const failing = scene.clientWith({}, deaf(scene.lightning.payer));
    await scene.buy(failing, {}, named);
    await failing.close();
    const { payer } = scene.lightning;
    const looking = openGate<void>();
    const goOn = openGate<void>();
    let yes = false;
    const lookUp: InvoicePayer['lookUp'] = async (paymentHashHex) => {
      if (yes) {
        looking.resolve();
        await goOn.promise;
      }
      return payer.lookUp(paymentHashHex);
    };
    const client = scene.clientWith({}, { ...payer, lookUp });
    const first = scene.buy(client, { approve: () => (yes = true) }, named);
    await looking.promise;
    const second = scene.buy(client, { approve: () => false }, named);
    await new Promise((resolve) => setTimeout(resolve, 20));
    goOn.resolve();
    expect(await first).toMatchObject({ ok: true });
    expect(await second).toMatchObject({ ok: false });
  });

  it('where it expires while a person is asked', async () => {
    const scene = await setTheScene();
    await scene.begin();
    let late = 0;
    const clock = { ...impatient, nowMs: () => Date.now() + late };
    const approve = () => {
      late = 3_601_000;
      return true;
    };
    expect(await scene.again({ approve, clock })).toMatchObject({ code: 'PAYMENT_UNKNOWN', fundsMoved: 'unknown' });
    expectUntouched(scene);
  });

  it('in the last moment of its invoice', async () => {
    const scene = await setTheScene();
    await scene.begin();
    const expiresAtMs = scene.store.journal.list()[0]?.invoiceExpiresAtMs ?? 0;
    const clock = { ...impatient, nowMs: () => expiresAtMs - 500 };
    expect(await scene.again({ clock })).toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    expectUntouched(scene);
  });

  it('where an earlier request turns out to have paid while a person is asked', async () => {
    const scene = await setTheScene();
    const { payer } = scene.lightning;
    const reached = openGate<void>();
    const slow: InvoicePayer = {
      ...payer,
      pay: async (request) => {
        void reached.promise.then(() => payer.pay(request));
        return { state: 'unknown', detail: 'no answer' };
      },
    };
    await scene.buy(scene.clientWith({}, slow));
    const approve = async () => {
      const next = scene.lightning.nextPayment();
      reached.resolve();
      await next;
      return true;
    };
    const sent: unknown[] = [];
    const wallet: InvoicePayer = { ...payer, pay: async (request) => (sent.push(request), payer.pay(request)) };
    const result = await scene.buy(scene.clientWith({ approve }, wallet));
    expect(result).toMatchObject({ ok: true, payment: { source: 'recovered', paidMsat: 0 } });
    expect(sent).toEqual([]);
    expect(scene.lightning.settledMsat()).toEqual([5000]);
  });
});

describe('an invoice that is sent once more', () => {
  it('needs a yes of its own, for the same invoice, and says that it was sent before', async () => {
    const asked: ApprovalRequest[] = [];
    const approve = (request: ApprovalRequest) => {
      asked.push(request);
      return true;
    };
    const scene = await setTheScene({ approve });
    await scene.begin();
    expect(await scene.again({ approve })).toMatchObject({ ok: true });
    const [first, second] = asked;
    expect(asked).toHaveLength(2);
    expect(first).toMatchObject({ invoice: scene.lightning.invoices()[0], sentBefore: false });
    expect(second).toEqual({ ...first, sentBefore: true });
  });

  it('is paid by this call, which says what it cost', async () => {
    const scene = await setTheScene();
    await scene.begin();
    expect(await scene.again()).toMatchObject({ ok: true, payment: { paidMsat: 5000, feeMsat: 0, source: 'bought' } });
    expect(scene.store.budgets.state('default')).toMatchObject({ spentMsat: 5000, reservedMsat: 0 });
  });

  it('costs nothing where an earlier request paid it', async () => {
    const scene = await setTheScene();
    const silent: InvoicePayer = {
      ...scene.lightning.payer,
      pay: async (request) => {
        await scene.lightning.payer.pay(request);
        return { state: 'unknown', detail: 'the answer is lost' };
      },
      lookUp: async () => ({ state: 'inFlight' }),
    };
    await scene.buy(scene.clientWith({}, silent));
    expect(await scene.again()).toMatchObject({ ok: true, payment: { paidMsat: 0, source: 'recovered' } });
  });

  it('says as an obtained credential what it cost', async () => {
    const scene = await setTheScene();
    await scene.begin();
    const obtained = await scene.clientWith().obtain(scene.url);
    expect(obtained.cost).toEqual({ paidMsat: 5000, feeMsat: 0, source: 'bought' });
    expect(scene.lightning.settledMsat()).toEqual([5000]);
  });

  it('says as a called tool what it cost, and needs there what it needs elsewhere', async () => {
    const scene = await setTheScene();
    const shop = openToolShop({ issuer: scene.lightning.issuer });
    const failing = scene.clientWith({}, deaf(scene.lightning.payer));
    await expect(failing.callTool(shop.tool())).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    const refused = scene.clientWith({ approve: () => false }).callTool(shop.tool());
    await expect(refused).rejects.toMatchObject({ facts: { notSentAgain: 'APPROVAL_DENIED' } });
    expect(scene.lightning.payments()).toEqual([]);
    const { payment } = await scene.clientWith().callTool(shop.tool());
    expect(payment).toMatchObject({ paidMsat: 5000, source: 'bought' });
  });

  it('fits into limits that leave just what is reserved for it already', async () => {
    const limits = { perMinuteSats: 5, perHourSats: 5, perDaySats: 5, perHostAndDaySats: 5, perSessionSats: 5 };
    const options = { limits, budgetSats: 5, maxPerRequestSats: 5 };
    const scene = await setTheScene(options);
    await scene.begin();
    expect(await scene.again(options)).toMatchObject({ ok: true });
  });

  it('fits where only the cap of a client that is gone would not have it', async () => {
    const scene = await setTheScene();
    await scene.begin();
    const path = scene.store.path;
    const gone = openPurchaseStore({ path });
    gone.budgets.registerCap('default', 0);
    gone.close();
    expect(await scene.again()).toMatchObject({ ok: true });
  });

  it('is spent by the session that sends it', async () => {
    const scene = await setTheScene();
    await scene.begin();
    const later = openPurchaseStore({ path: scene.store.path });
    onTestFinished(() => later.close());
    const client = scene.clientWith({ store: later });
    expect(await scene.buy(client)).toMatchObject({ ok: true });
    expect(later.budgets.ofSession('default')).toEqual({ spentMsat: 5000, reservedMsat: 0 });
    expect(scene.store.budgets.ofSession('default')).toEqual({ spentMsat: 0, reservedMsat: 0 });
  });

  it('binds who joins the call: he who allows less goes without', async () => {
    const scene = await setTheScene();
    const named = { headers: { 'Idempotency-Key': 'order-1' } };
    await scene.buy(scene.clientWith({}, deaf(scene.lightning.payer)), {}, named);
    const sending = openGate<void>();
    const goOn = openGate<void>();
    const { payer } = scene.lightning;
    const slow: InvoicePayer = {
      ...payer,
      pay: async (request) => {
        sending.resolve();
        await goOn.promise;
        return payer.pay(request);
      },
    };
    const client = scene.clientWith({}, slow);
    const first = scene.buy(client, {}, named);
    await sending.promise;
    expect(await scene.buy(client, { maxCostSats: 4 }, named)).toMatchObject({ code: 'PRICE_ABOVE_LIMIT' });
    goOn.resolve();
    expect(await first).toMatchObject({ ok: true });
  });
});

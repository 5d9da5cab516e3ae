import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Approval, type ApprovalFacts, openPurchaseStore, type PurchaseStore } from '../../src/index.js';
import { openDatabase } from '../../src/store/database.js';
import { quoteOf, temporaryStorePath, valueOf } from '../temporary-store.js';

const NOW_MS = 1_900_000_000_000;

function factsOf(number: number, changes: Partial<ApprovalFacts> = {}): ApprovalFacts {
  return {
    paymentHashHex: number.toString(16).padStart(64, '0'),
    invoice: `lnbcrt-invoice-${number}`,
    requestDigestHex: number.toString(16).padStart(64, 'a'),
    amountMsat: 2_000_000,
    feeCeilingMsat: 20_000,
    payeeHex: `02${'b'.repeat(64)}`,
    origin: 'https://api.example',
    method: 'GET',
    url: `https://api.example/v1/item/${number}`,
    description: 'one item',
    expiresAtMs: NOW_MS + 3_600_000,
    ...changes,
  };
}

/** A store with a clock that is set by hand. */
function storeWithClock(path = temporaryStorePath()): { store: PurchaseStore; clock: { nowMs: number } } {
  const clock = { nowMs: NOW_MS };
  const store = openPurchaseStore({ path, nowMs: () => clock.nowMs });
  onTestFinished(() => store.close());
  return { store, clock };
}

function asked(store: PurchaseStore, facts: ApprovalFacts): Approval {
  const answer = store.approvals.ask(facts);
  if (!answer.ok) throw new Error(answer.code);
  return answer.value;
}

describe('a question to a person', () => {
  it('waits under an id of eight letters that are not mistaken for each other', () => {
    const { store } = storeWithClock();
    const approval = asked(store, factsOf(1));
    expect(approval.approvalId).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
    expect(approval).toMatchObject({ ...factsOf(1), state: 'pending', expiresAtMs: NOW_MS + 600_000, decidedBy: null });
    expect(store.approvals.listPending()).toEqual([approval]);
  });

  it('has another id each time', () => {
    const { store } = storeWithClock();
    const ids = [1, 2, 3, 4, 5].map((number) => asked(store, factsOf(number)).approvalId);
    expect(new Set(ids).size).toBe(5);
  });

  it('is found by its id however a person types it', () => {
    const { store } = storeWithClock();
    const { approvalId } = asked(store, factsOf(1));
    const typed = ` ${approvalId.slice(0, 4)}-${approvalId.slice(4)} `.toLowerCase().replaceAll('0', 'o');
    expect(store.approvals.get(typed)?.approvalId).toBe(approvalId);
    expect(store.approvals.decide(typed, 'yes', 'me')).toMatchObject({ ok: true });
  });

  it('expires with its invoice where that is sooner than ten minutes', () => {
    const { store, clock } = storeWithClock();
    const approval = asked(store, factsOf(1, { expiresAtMs: NOW_MS + 5_000 }));
    expect(approval.expiresAtMs).toBe(NOW_MS + 5_000);
    clock.nowMs = NOW_MS + 5_000;
    expect(store.approvals.get(approval.approvalId)?.state).toBe('expired');
    expect(store.approvals.listPending()).toEqual([]);
    expect(store.approvals.decide(approval.approvalId, 'yes', 'me')).toMatchObject({
      ok: false,
      code: 'APPROVAL_OVER',
    });
  });

  it('expires after ten minutes, whatever its invoice says', () => {
    const { store, clock } = storeWithClock();
    const approval = asked(store, factsOf(1));
    store.approvals.decide(approval.approvalId, 'yes', 'me');
    clock.nowMs = NOW_MS + 600_000;
    expect(store.approvals.use(approval.approvalId, factsOf(1))).toBe(false);
    expect(store.approvals.get(approval.approvalId)?.state).toBe('expired');
  });

  it('is not asked of an invoice that has expired', () => {
    const { store } = storeWithClock();
    expect(store.approvals.ask(factsOf(1, { expiresAtMs: NOW_MS }))).toMatchObject({
      ok: false,
      code: 'APPROVAL_OVER',
    });
  });

  it('is refused when twenty wait already, and taken again when one is decided', () => {
    const { store } = storeWithClock();
    const first = asked(store, factsOf(0));
    for (let number = 1; number < 20; number++) asked(store, factsOf(number));
    expect(store.approvals.ask(factsOf(20))).toEqual({ ok: false, code: 'APPROVALS_FULL' });
    store.approvals.decide(first.approvalId, 'no', 'me');
    expect(store.approvals.ask(factsOf(20))).toMatchObject({ ok: true });
  });

  it('is not asked again after a no, nor while it waits, nor after its yes was used', () => {
    const { store } = storeWithClock();
    const { approvalId } = asked(store, factsOf(1));
    const again = () => store.approvals.ask(factsOf(1));
    expect(again()).toMatchObject({ ok: false, code: 'APPROVAL_OVER' });
    store.approvals.decide(approvalId, 'no', 'me');
    expect(again()).toMatchObject({ ok: false, code: 'APPROVAL_OVER' });
    const other = asked(store, factsOf(2));
    store.approvals.decide(other.approvalId, 'yes', 'me');
    expect(store.approvals.use(other.approvalId, factsOf(2))).toBe(true);
    expect(store.approvals.ask(factsOf(2))).toMatchObject({ ok: false, code: 'APPROVAL_OVER' });
  });

  it('is asked again after a yes that was used only for a payment that was sent, is unresolved, and is to be sent once more', () => {
    const { store } = storeWithClock();
    const quote = quoteOf(1, { paymentHashHex: factsOf(1).paymentHashHex });
    store.budgets.registerCap('default', 1_000_000);
    const purchaseId = valueOf(store.journal.quote(quote));
    valueOf(store.journal.reserve(purchaseId, { feeCeilingMsat: 0, maxTotalMsat: 1_000_000 }));
    const sayYes = ({ approvalId }: Approval) => store.approvals.decide(approvalId, 'yes', 'me');
    const first = asked(store, factsOf(1));
    sayYes(first);
    expect(store.approvals.use(first.approvalId, factsOf(1))).toBe(true);
    const again = factsOf(1, { sentBefore: true });
    expect(store.approvals.ask(again)).toMatchObject({ ok: false, code: 'APPROVAL_OVER' });
    store.journal.startSending(purchaseId);
    store.journal.markUnknown(purchaseId, { seenInFlight: false });
    expect(store.approvals.ask(factsOf(1))).toMatchObject({ ok: false, code: 'APPROVAL_OVER' });
    const second = asked(store, again);
    expect([first.sentBefore, second.sentBefore]).toEqual([false, true]);
    expect(store.approvals.use(second.approvalId, again)).toBe(false);
    expect(store.approvals.use(first.approvalId, again)).toBe(false);
    store.approvals.decide(second.approvalId, 'no', 'me');
    expect(store.approvals.ask(again)).toMatchObject({ ok: false, code: 'APPROVAL_OVER' });
  });

  it('is not asked of an origin that got three noes in ten minutes, and of others still', () => {
    const { store, clock } = storeWithClock();
    const no = (number: number, changes = {}) => {
      const { approvalId } = asked(store, factsOf(number, { expiresAtMs: clock.nowMs + 60_000, ...changes }));
      store.approvals.decide(approvalId, 'no', 'me');
    };
    for (const number of [1, 2]) no(number);
    no(3, { origin: 'https://other.example' });
    clock.nowMs += 1000;
    no(4);
    const soon = { expiresAtMs: clock.nowMs + 3_600_000 };
    expect(store.approvals.ask(factsOf(5, soon))).toEqual({ ok: false, code: 'APPROVALS_PAUSED' });
    expect(store.approvals.ask(factsOf(5, { ...soon, origin: 'https://other.example' }))).toMatchObject({ ok: true });
    clock.nowMs += 599_000;
    expect(store.approvals.ask(factsOf(6, soon))).toMatchObject({ ok: true });
  });

  it('can be asked again where nobody answered', () => {
    const { store } = storeWithClock();
    const { approvalId } = asked(store, factsOf(1));
    store.approvals.withdraw(approvalId);
    const second = asked(store, factsOf(1));
    expect(second.approvalId).not.toBe(approvalId);
    expect(store.approvals.decide(approvalId, 'yes', 'me')).toMatchObject({ code: 'APPROVAL_OVER' });
    expect(store.approvals.get(second.approvalId)?.state).toBe('pending');
  });

  it('is forgotten a month after it was over', () => {
    const { store, clock } = storeWithClock();
    const { approvalId } = asked(store, factsOf(1));
    clock.nowMs += 31 * 24 * 3_600_000;
    asked(store, factsOf(2, { expiresAtMs: clock.nowMs + 60_000 }));
    expect(store.approvals.get(approvalId)).toBeNull();
  });
});

describe('a person’s answer', () => {
  it('says who gave it and when', () => {
    const { store } = storeWithClock();
    const { approvalId } = asked(store, factsOf(1));
    expect(store.approvals.decide(approvalId, 'yes', 'ann@desk')).toMatchObject({
      ok: true,
      value: { state: 'approved', decidedBy: 'ann@desk', decidedAtMs: NOW_MS },
    });
  });

  it('is the first one: who comes later is told what it is', () => {
    const path = temporaryStorePath();
    const { store } = storeWithClock(path);
    const { store: other } = storeWithClock(path);
    const { approvalId } = asked(store, factsOf(1));
    expect(other.approvals.decide(approvalId, 'no', 'other')).toMatchObject({ ok: true });
    expect(store.approvals.decide(approvalId, 'yes', 'me')).toMatchObject({
      code: 'APPROVAL_OVER',
      detail: 'It is denied.',
    });
    expect(store.approvals.get(approvalId)).toMatchObject({ state: 'denied', decidedBy: 'other' });
    expect(store.approvals.use(approvalId, factsOf(1))).toBe(false);
  });

  it('is refused for an id that nobody has', () => {
    const { store } = storeWithClock();
    expect(store.approvals.decide('00000000', 'yes', 'me')).toEqual({ ok: false, code: 'APPROVAL_NOT_FOUND' });
    expect(store.approvals.get('%')).toBeNull();
  });

  it('is refused when the process that asked is gone: nobody would pay', () => {
    const path = temporaryStorePath();
    const { store } = storeWithClock(path);
    const gone = openPurchaseStore({ path, nowMs: () => NOW_MS });
    const { approvalId } = asked(gone, factsOf(1));
    expect(store.approvals.get(approvalId)?.state).toBe('pending');
    gone.close();
    expect(store.approvals.get(approvalId)?.state).toBe('expired');
    expect(store.approvals.listPending()).toEqual([]);
    expect(store.approvals.decide(approvalId, 'yes', 'me')).toMatchObject({ ok: false, code: 'APPROVAL_OVER' });
  });
});

describe('a yes', () => {
  it('is used once', () => {
    const { store } = storeWithClock();
    const { approvalId } = asked(store, factsOf(1));
    expect(store.approvals.use(approvalId, factsOf(1))).toBe(false);
    store.approvals.decide(approvalId, 'yes', 'me');
    expect(store.approvals.use(approvalId, factsOf(1))).toBe(true);
    expect(store.approvals.use(approvalId, factsOf(1))).toBe(false);
    expect(store.approvals.get(approvalId)?.state).toBe('used');
    expect(store.approvals.decide(approvalId, 'yes', 'me')).toMatchObject({ ok: false, code: 'APPROVAL_OVER' });
  });

  it.each([
    ['another payment hash', { paymentHashHex: 'f'.repeat(64) }],
    ['another invoice', { invoice: 'lnbcrt-another' }],
    ['another request', { requestDigestHex: 'f'.repeat(64) }],
    ['another amount', { amountMsat: 2_000_001 }],
    ['a lower amount', { amountMsat: 1 }],
    ['a higher fee', { feeCeilingMsat: 20_001 }],
    ['another payee', { payeeHex: `03${'b'.repeat(64)}` }],
    ['another origin', { origin: 'https://other.example' }],
    ['another method', { method: 'POST' }],
    ['another URL', { url: 'https://api.example/v1/item/2' }],
  ])('does not allow %s', (_, changes) => {
    const { store } = storeWithClock();
    const { approvalId } = asked(store, factsOf(1));
    store.approvals.decide(approvalId, 'yes', 'me');
    expect(store.approvals.use(approvalId, factsOf(1, changes))).toBe(false);
    expect(store.approvals.use(approvalId, factsOf(1))).toBe(true);
  });

  it('allows a lower fee', () => {
    const { store } = storeWithClock();
    const { approvalId } = asked(store, factsOf(1));
    store.approvals.decide(approvalId, 'yes', 'me');
    expect(store.approvals.use(approvalId, factsOf(1, { feeCeilingMsat: 0 }))).toBe(true);
  });

  it('is of no use to another process than the one that asked', () => {
    const path = temporaryStorePath();
    const { store } = storeWithClock(path);
    const { store: other } = storeWithClock(path);
    const { approvalId } = asked(store, factsOf(1));
    other.approvals.decide(approvalId, 'yes', 'me');
    expect(other.approvals.use(approvalId, factsOf(1))).toBe(false);
    expect(store.approvals.use(approvalId, factsOf(1))).toBe(true);
  });

  it('lets exactly the approved payments go, each once, whatever is asked, decided and used in whatever order', () => {
    type Step = readonly ['ask' | 'yes' | 'no' | 'withdraw', number] | readonly ['use', number, number];
    const index = fc.nat({ max: 3 });
    const step = fc.oneof(
      fc.tuple(fc.constantFrom('ask' as const, 'yes' as const, 'no' as const, 'withdraw' as const), index),
      fc.tuple(fc.constant('use' as const), index, index),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps: readonly Step[]) => {
        const { store } = storeWithClock();
        const ids: (string | undefined)[] = [];
        const verdicts = new Map<string, 'yes' | 'no'>();
        const paid: number[] = [];
        for (const [what, number, other] of steps) {
          const id = ids[number];
          if (what === 'ask') {
            const answer = store.approvals.ask(factsOf(number));
            if (answer.ok) ids[number] = answer.value.approvalId;
          } else if (id === undefined) continue;
          else if (what === 'withdraw') store.approvals.withdraw(id);
          else if (what === 'use') {
            const payment = other ?? 0;
            if (!store.approvals.use(id, factsOf(payment))) continue;
            // Only what a person said yes to, under its own id, and never a second time.
            expect([payment, verdicts.get(id)]).toEqual([number, 'yes']);
            expect(paid).not.toContain(payment);
            paid.push(payment);
          } else if (store.approvals.decide(id, what, 'me').ok) {
            expect(verdicts.has(id)).toBe(false);
            verdicts.set(id, what);
          }
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

describe('waiting for an answer', () => {
  it('ends when another process decides', async () => {
    const path = temporaryStorePath();
    const { store } = storeWithClock(path);
    const { store: other } = storeWithClock(path);
    const { approvalId } = asked(store, factsOf(1));
    const waiting = store.approvals.wait(approvalId);
    other.approvals.decide(approvalId, 'yes', 'other');
    expect(await waiting).toMatchObject({ state: 'approved', decidedBy: 'other' });
  });

  it('ends at once when this process decides', async () => {
    const { store } = storeWithClock();
    const { approvalId } = asked(store, factsOf(1));
    const waiting = store.approvals.wait(approvalId);
    store.approvals.decide(approvalId, 'no', 'me');
    expect(await waiting).toMatchObject({ state: 'denied' });
  });

  it('ends when the time is over', async () => {
    const { store, clock } = storeWithClock();
    const { approvalId } = asked(store, factsOf(1));
    const waiting = store.approvals.wait(approvalId);
    clock.nowMs += 600_000;
    expect(await waiting).toMatchObject({ state: 'expired' });
  });

  it('withdraws the question when nobody waits any more, so that no later yes counts', async () => {
    const { store } = storeWithClock();
    const { approvalId } = asked(store, factsOf(1));
    const leaving = new AbortController();
    const waiting = store.approvals.wait(approvalId, leaving.signal);
    leaving.abort();
    expect(await waiting).toMatchObject({ state: 'expired' });
    expect(store.approvals.decide(approvalId, 'yes', 'me')).toMatchObject({ ok: false, code: 'APPROVAL_OVER' });
  });

  it('writes nothing while it looks: it ends while another process has the store to itself', async () => {
    const path = temporaryStorePath();
    const { store, clock } = storeWithClock(path);
    const { approvalId } = asked(store, factsOf(1));
    const waiting = store.approvals.wait(approvalId);
    const database = openDatabase(path);
    onTestFinished(() => database.close());
    database.run('BEGIN IMMEDIATE');
    clock.nowMs += 600_000;
    expect(await waiting).toMatchObject({ state: 'expired' });
    database.run('ROLLBACK');
  });

  it('is an error for an id that nobody has', async () => {
    const { store } = storeWithClock();
    await expect(store.approvals.wait('00000000')).rejects.toMatchObject({ code: 'APPROVAL_NOT_FOUND' });
  });
});

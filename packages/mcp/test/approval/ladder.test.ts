import type { Approval, PurchaseStore } from '@satway/client';
import { describe, expect, it } from 'vitest';
import { type ApprovalLadderOptions, createApprovalLadder } from '../../src/approval/index.js';
import { requestOf, temporaryStore } from './scene.js';

const waiting = { signal: new AbortController().signal };

interface Scene {
  readonly store: PurchaseStore;
  readonly announced: Approval[];
  /** Resolves with the question that a person is called to next. */
  readonly call: Promise<Approval>;
  readonly approve: (changes?: Parameters<typeof requestOf>[0], signal?: AbortSignal) => Promise<boolean>;
}

function setTheScene(options: Partial<ApprovalLadderOptions> = {}): Scene {
  const store = temporaryStore();
  const announced: Approval[] = [];
  let called: (approval: Approval) => void = () => undefined;
  const call = new Promise<Approval>((resolve) => (called = resolve));
  const announce = (approval: Approval) => {
    announced.push(approval);
    called(approval);
  };
  const approver = createApprovalLadder({ store, thresholdMsat: 1_000_000, announce, ...options });
  return {
    store,
    announced,
    call,
    approve: async (changes, signal = waiting.signal) => approver(requestOf(changes), { signal }),
  };
}

const accept = { action: 'accept', content: { confirm: true } };

describe('the approval ladder at and under the threshold', () => {
  it('says yes without asking anybody, up to the threshold with the fees in it', async () => {
    const { store, announced, approve } = setTheScene();
    expect(await approve({ amountMsat: 990_000, feeCeilingMsat: 10_000 })).toBe(true);
    expect([announced, store.approvals.listPending()]).toEqual([[], []]);
  });

  it('asks when only the fees pass it', async () => {
    const { store, call, approve } = setTheScene();
    const answer = approve({ amountMsat: 990_000, feeCeilingMsat: 10_001 });
    store.approvals.decide((await call).approvalId, 'no', 'me');
    expect(await answer).toBe(false);
  });
});

describe('the approval ladder above the threshold, without a host that asks', () => {
  it('waits for a person’s yes in the store and uses it', async () => {
    const { store, call, approve } = setTheScene();
    const answer = approve();
    const { approvalId } = await call;
    store.approvals.decide(approvalId, 'yes', 'me');
    expect(await answer).toBe(true);
    expect(store.approvals.get(approvalId)?.state).toBe('used');
  });

  it('takes a no for a no', async () => {
    const { store, call, approve } = setTheScene();
    const answer = approve();
    store.approvals.decide((await call).approvalId, 'no', 'me');
    expect(await answer).toBe(false);
  });

  it('says no when nobody waits for it any more, and lets no later yes count', async () => {
    const { store, call, approve } = setTheScene();
    const leaving = new AbortController();
    const answer = approve({}, leaving.signal);
    const { approvalId } = await call;
    leaving.abort();
    expect(await answer).toBe(false);
    expect(store.approvals.decide(approvalId, 'yes', 'me')).toMatchObject({ code: 'APPROVAL_OVER' });
  });

  it('refuses when twenty wait already', async () => {
    const { store, approve } = setTheScene();
    for (let number = 0; number < 20; number++) {
      store.approvals.ask(requestOf({ paymentHashHex: number.toString(16).padStart(64, '0') }));
    }
    await expect(approve()).rejects.toMatchObject({ code: 'APPROVALS_FULL' });
  });

  it('refuses what a person has said no to', async () => {
    const { store, call, approve } = setTheScene();
    const answer = approve();
    store.approvals.decide((await call).approvalId, 'no', 'me');
    await answer;
    await expect(approve()).rejects.toMatchObject({ code: 'APPROVAL_OVER' });
  });

  it('goes on waiting when whoever is told breaks', async () => {
    const { store, approve } = setTheScene({
      announce: () => {
        throw new Error('deaf');
      },
    });
    const answer = approve();
    const [open] = store.approvals.listPending();
    store.approvals.decide(open?.approvalId ?? '', 'yes', 'me');
    expect(await answer).toBe(true);
  });
});

describe('the approval ladder above the threshold, with a host that asks', () => {
  it('puts price, fees, payee, host, path and expiry before the host’s person', async () => {
    let message = '';
    const { approve } = setTheScene({
      elicit: async (question) => {
        ({ message } = question);
        return accept;
      },
    });
    const expiresAtMs = Date.now() + 300_000;
    expect(await approve({ expiresAtMs })).toBe(true);
    const parts = ['Pay 2,000 sats', 'at most 20 sats', `02${'cd'.repeat(32)}`, 'api.example', '/v1/report?year=2026'];
    for (const part of [...parts, new Date(expiresAtMs).toISOString(), '"a report"']) expect(message).toContain(part);
  });

  it('takes nothing but an explicit accept with confirm for a yes', async () => {
    const noes = [
      { action: 'decline' },
      { action: 'cancel' },
      { action: 'accept' },
      { action: 'accept', content: {} },
      { action: 'accept', content: { confirm: false } },
      { action: 'accept', content: { confirm: 'true' } },
      { action: 'accept', content: { confirm: 1 } },
      { action: 'accept', content: [{ confirm: true }] },
      { action: 'decline', content: { confirm: true } },
      { action: 'ACCEPT', content: { confirm: true } },
      { content: { confirm: true } },
      { result: accept },
      [accept],
      'accept',
      true,
      null,
      undefined,
    ];
    for (const no of noes) {
      const { store, announced, approve } = setTheScene({ elicit: async () => no });
      expect(await approve(), JSON.stringify(no)).toBe(false);
      expect([announced, store.approvals.listPending()]).toEqual([[], []]);
    }
  });

  it('calls a person to the terminal when the host cannot be asked', async () => {
    const { store, call, approve } = setTheScene({
      elicit: async () => {
        throw new Error('Method not found');
      },
    });
    const answer = approve();
    store.approvals.decide((await call).approvalId, 'yes', 'me');
    expect(await answer).toBe(true);
  });

  it('calls a person to the terminal as well when the host’s person takes long; whoever is first decides', async () => {
    let lateAnswer: (answer: unknown) => void = () => undefined;
    const { store, call, approve } = setTheScene({
      hostPatienceMs: 1,
      elicit: () => new Promise((resolve) => (lateAnswer = resolve)),
    });
    const answer = approve();
    const { approvalId } = await call;
    store.approvals.decide(approvalId, 'no', 'me');
    expect(await answer).toBe(false);
    lateAnswer(accept);
    await Promise.resolve();
    expect(store.approvals.get(approvalId)).toMatchObject({ state: 'denied', decidedBy: 'me' });
  });

  it('tells the host that its answer no longer counts when a person at the terminal was first', async () => {
    let withdrawn: AbortSignal | null = null;
    const { store, call, approve } = setTheScene({
      hostPatienceMs: 1,
      elicit: (_, { signal }) => {
        withdrawn = signal;
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    });
    const answer = approve();
    store.approvals.decide((await call).approvalId, 'yes', 'me');
    expect(await answer).toBe(true);
    expect(withdrawn).toMatchObject({ aborted: true });
  });

  it('gives the host no longer than the question lives', async () => {
    let timeoutMs = 0;
    const { approve } = setTheScene({
      elicit: async (_, limits) => {
        ({ timeoutMs } = limits);
        return accept;
      },
    });
    await approve({ expiresAtMs: Date.now() + 5_000 });
    expect(timeoutMs).toBeGreaterThan(0);
    expect(timeoutMs).toBeLessThanOrEqual(5_000);
  });
});

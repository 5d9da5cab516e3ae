import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApprovalRequest, PerCallOptions, TryFetchResult } from '@satway/client';
import { createEgress } from '@satway/egress';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type Call,
  type CallRequest,
  createCallTable,
  openAnswerFolder,
  openCredentialFolder,
  waitForCall,
} from '../../src/calls/index.js';
import { openUpstreams } from '../../src/proxy/index.js';
import { createSentSecrets } from '../../src/secrets/index.js';

const HASH = 'ab'.repeat(32);
const OFFER: ApprovalRequest = {
  origin: 'https://a.example',
  method: 'GET',
  url: 'https://a.example/',
  amountMsat: 5000,
  feeCeilingMsat: 1000,
  paymentHashHex: HASH,
  payeeHex: `02${'cd'.repeat(32)}`,
  requestDigestHex: 'ef'.repeat(32),
  invoice: 'lnbcrt1',
  description: null,
  expiresAtMs: 2_000_000_000_000,
  sentBefore: false,
};
const REQUEST: CallRequest = { method: 'GET', url: OFFER.url, headers: [], body: null, maxCostSats: null };

/** A client that goes one step further each time it is told to, and shows what it was given. */
function steppingClient() {
  const steps: (() => void)[] = [];
  const told = { signal: new AbortController().signal, perCall: {} as PerCallOptions, calls: 0 };
  const next = () => new Promise<void>((resolve) => steps.push(resolve));
  const tryFetch = async (_: unknown, init?: RequestInit, perCall: PerCallOptions = {}): Promise<TryFetchResult> => {
    told.calls++;
    told.perCall = perCall;
    if (init?.signal) told.signal = init.signal;
    await next();
    await perCall.approve?.(OFFER, { signal: told.signal });
    await next();
    const payment = { paymentHashHex: HASH, paidMsat: 5000, feeMsat: 0, source: 'bought' } as const;
    return { ok: true, response: new Response('the answer'), payment };
  };
  const never = () => Promise.reject(new TypeError('not asked for'));
  return { told, step: () => steps.shift()?.(), client: { tryFetch, obtain: never, callTool: never } };
}

function newTable() {
  const folder = mkdtempSync(join(tmpdir(), 'satway-calls-'));
  const egress = createEgress({});
  onTestFinished(async () => {
    rmSync(folder, { recursive: true, force: true });
    await egress.close();
  });
  const { client, told, step } = steppingClient();
  const secrets = createSentSecrets();
  const table = createCallTable({
    client,
    upstreams: openUpstreams([], egress),
    answers: openAnswerFolder({ folder, maxShownChars: 100, secrets }),
    credentials: openCredentialFolder({ folder, nowMs: Date.now }),
    secrets,
    nowMs: Date.now,
  });
  const start = (changes: Partial<CallRequest> = {}) => table.start({ ...REQUEST, ...changes }, () => () => true);
  return { table, told, step, start, folder };
}

const reaching = (call: Call, wanted: string): Promise<void> =>
  new Promise((resolve) => {
    if (call.step === wanted) return resolve();
    const stop = call.onStep((step) => {
      if (step !== wanted) return;
      stop();
      resolve();
    });
  });

async function untilPaying(call: Call, step: () => void): Promise<void> {
  const paying = reaching(call, 'paying');
  step();
  await paying;
}

describe('a call', () => {
  it('goes step by step to its answer, and is found by its payment', async () => {
    const { table, start, step } = newTable();
    const call = start();
    expect([call.step, table.get(call.callId), table.ofPayment(HASH)]).toEqual(['asking', call, null]);
    await untilPaying(call, step);
    expect(table.ofPayment(HASH)).toBe(call);
    step();
    await call.ended;
    expect(call.end).toMatchObject({ kind: 'answered', status: 200, answer: { shown: 'the answer' } });
  });

  it('is given up where nobody waits any more and nothing was paid', async () => {
    const { told, start } = newTable();
    const call = start();
    const [one, two] = [call.attend(), call.attend()];
    one.left('gone');
    expect(told.signal.aborted).toBe(false);
    two.left('gone too');
    expect(told.signal.aborted).toBe(true);
  });

  it('goes on where it was paid, whoever leaves', async () => {
    const { told, start, step } = newTable();
    const call = start();
    const attendance = call.attend();
    await untilPaying(call, step);
    attendance.left('gone');
    expect(told.signal.aborted).toBe(false);
    step();
    await call.ended;
    expect(call.end).toMatchObject({ kind: 'answered' });
  });

  it('goes on where somebody was told to ask about it later', () => {
    const { told, start } = newTable();
    const call = start();
    call.attend().answered();
    call.attend().left('gone');
    expect(told.signal.aborted).toBe(false);
  });

  it('is the same as another only in everything that is sent', () => {
    const { table, start } = newTable();
    const call = start({ headers: [['a', '1']] });
    expect(table.findRunning({ ...REQUEST, headers: [['a', '1']], maxCostSats: 3 })).toBe(call);
    for (const other of [
      {},
      { method: 'POST' },
      { url: 'https://a.example/b' },
      { body: '' },
      { wants: 'credential' as const, headers: [['a', '1']] as const },
    ]) {
      expect(table.findRunning({ ...REQUEST, ...other })).toBeNull();
    }
  });

  it('buys no credential where there is no place to keep it', async () => {
    const { start, folder } = newTable();
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'in the way');
    const call = start({ wants: 'credential' });
    await call.ended;
    expect(call.end).toMatchObject({ kind: 'failed', code: 'MCP_PLACE_UNUSABLE', fundsMoved: 'no' });
  });

  it('may cost what its tool was told, and no more', () => {
    const { told, start } = newTable();
    start({ maxCostSats: 7 });
    expect(told.perCall).toMatchObject({ maxCostSats: 7 });
    start();
    expect(told.perCall).not.toHaveProperty('maxCostSats');
  });
});

describe('the table of calls', () => {
  it('takes no more than fifty at a time', () => {
    const { table, start } = newTable();
    for (let count = 0; count < 50; count++) start();
    expect(() => start()).toThrow(expect.objectContaining({ code: 'MCP_CALLS_FULL', fundsMoved: 'no' }));
    expect(table.get('call_nobody')).toBeNull();
  });

  it('forgets the oldest of more than two hundred that are over', async () => {
    const { table, start, step } = newTable();
    const calls: Call[] = [];
    for (let count = 0; count < 202; count++) {
      const call = start();
      calls.push(call);
      await untilPaying(call, step);
      step();
      await call.ended;
    }
    expect(calls.filter(({ callId }) => table.get(callId) === null)).toEqual(calls.slice(0, 1));
  });

  it('gives up at its end what is not paid', async () => {
    const { table, told, start, step } = newTable();
    start();
    const closing = table.close();
    expect(told.signal.aborted).toBe(true);
    step();
    await Promise.resolve();
    await new Promise(setImmediate);
    step();
    await closing;
  });
});

describe('waiting for a call', () => {
  const { signal } = new AbortController();

  it('ends with the call, with the time, or with whoever waits', async () => {
    const { start, step } = newTable();
    const call = start();
    expect(await waitForCall(call, { withinMs: 1, signal, untilWaiting: false })).toBe('late');
    const leaving = AbortSignal.abort();
    expect(await waitForCall(call, { withinMs: 60_000, signal: leaving, untilWaiting: false })).toBe('left');
    const waiting = waitForCall(call, { withinMs: 60_000, signal, untilWaiting: false });
    await untilPaying(call, step);
    step();
    expect(await waiting).toBe('ended');
    expect(await waitForCall(call, { withinMs: 0, signal: leaving, untilWaiting: true })).toBe('ended');
  });
});

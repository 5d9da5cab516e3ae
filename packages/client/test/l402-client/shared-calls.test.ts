import { describe, expect, it } from 'vitest';
import { type Call, targetOf } from '../../src/call/index.js';
import type { Performed } from '../../src/l402-client/performed.js';
import { createSharedCalls } from '../../src/l402-client/shared-calls.js';
import { openGate } from '../support/gate.js';

function callWith(idempotencyKey: string, changes: Partial<Call> = {}): Call {
  return {
    ...targetOf('GET', 'https://api.example/a'),
    headers: [],
    body: null,
    bodySha256Hex: '',
    idempotencyKey,
    keyGiven: true,
    redirect: 'follow',
    ...changes,
  };
}

/** Work that ends when it is told, and remembers how often it was begun. */
function slowWork() {
  const gate = openGate<Performed>();
  const state = { begun: 0, signal: new AbortController().signal };
  const work = (signal: AbortSignal) => {
    state.begun++;
    state.signal = signal;
    return gate.promise;
  };
  return { work, state, finish: () => gate.resolve({ response: new Response('answer'), payment: null }) };
}

describe('calls with one Idempotency-Key at the same time', () => {
  it('are worked on once, and each gets the whole answer', async () => {
    const shared = createSharedCalls();
    const { work, state, finish } = slowWork();
    const calls = [1, 2, 3].map(() => shared.run(callWith('k'), null, work));
    finish();
    const bodies = await Promise.all((await Promise.all(calls)).map(({ response }) => response.text()));
    expect(bodies).toEqual(['answer', 'answer', 'answer']);
    expect(state.begun).toBe(1);
    expect(shared.size).toBe(0);
  });

  it('are refused when they are not the same call', async () => {
    const shared = createSharedCalls();
    const { work, finish } = slowWork();
    const first = shared.run(callWith('k'), null, work);
    const refused = expect.objectContaining({ code: 'IDEMPOTENCY_KEY_REUSED' });
    await expect(shared.run(callWith('k', { bodySha256Hex: 'other' }), null, work)).rejects.toThrow(refused);
    await expect(shared.run(callWith('k', { method: 'POST' }), null, work)).rejects.toThrow(refused);
    finish();
    await first;
  });

  it('go on for the others when one leaves, and are told to stop when all have left', async () => {
    const shared = createSharedCalls();
    const { work, state, finish } = slowWork();
    const [one, two] = [new AbortController(), new AbortController()];
    const first = shared.run(callWith('k'), one.signal, work);
    const second = shared.run(callWith('k'), two.signal, work);
    one.abort('bored');
    await expect(first).rejects.toThrow(expect.objectContaining({ code: 'CALL_ABORTED', cause: 'bored' }));
    expect(state.signal.aborted).toBe(false);
    two.abort('too');
    await expect(second).rejects.toThrow(expect.objectContaining({ code: 'CALL_ABORTED' }));
    expect(state.signal.aborted).toBe(true);
    finish();
  });

  it('leave at once when the signal was aborted before', async () => {
    const shared = createSharedCalls();
    const { work, finish } = slowWork();
    await expect(shared.run(callWith('k'), AbortSignal.abort('never'), work)).rejects.toThrow(
      expect.objectContaining({ code: 'CALL_ABORTED', cause: 'never' }),
    );
    finish();
  });
});

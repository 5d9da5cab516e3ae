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

/** A body that is written by hand, and counts what was asked of it. */
function bodyByHand() {
  const state = { cancelled: false };
  let writer: ReadableStreamDefaultController<Uint8Array> | null = null;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => void (writer = controller),
    cancel: () => void (state.cancelled = true),
  });
  return { state, response: new Response(body), write: (text: string) => writer?.enqueue(Buffer.from(text)) };
}

function readerOf({ response }: Performed) {
  const reader = response.body?.getReader();
  const read = async () => Buffer.from((await reader?.read())?.value ?? []).toString();
  return { read, cancel: () => reader?.cancel() };
}

describe('the body of an answer that calls with one Idempotency-Key share', () => {
  it('ends at once for a caller who leaves, and goes on for the others', async () => {
    const shared = createSharedCalls();
    const byHand = bodyByHand();
    const work = async () => ({ response: byHand.response, payment: null });
    const leaving = new AbortController();
    const calls = [leaving.signal, null].map((signal) => shared.run(callWith('k'), signal, work));
    const [first, second] = (await Promise.all(calls)).map(readerOf);
    byHand.write('one');
    expect([await first?.read(), await second?.read()]).toEqual(['one', 'one']);
    const pending = first?.read();
    leaving.abort('bored');
    const aborted = expect.objectContaining({ code: 'CALL_ABORTED', cause: 'bored', fundsMoved: 'no' });
    await expect(pending).rejects.toThrow(aborted);
    await expect(first?.read()).rejects.toThrow(aborted);
    byHand.write('two');
    expect(await second?.read()).toBe('two');
    expect(byHand.state.cancelled).toBe(false);
  });

  it.each(['abort', 'cancel'] as const)('is given up when the last of them leaves by %s', async (way) => {
    const shared = createSharedCalls();
    const byHand = bodyByHand();
    const state = { signal: new AbortController().signal };
    const work = async (signal: AbortSignal) => {
      state.signal = signal;
      return { response: byHand.response, payment: null };
    };
    const controllers = [new AbortController(), new AbortController()];
    const calls = controllers.map(({ signal }) => shared.run(callWith('k'), signal, work));
    const readers = (await Promise.all(calls)).map(readerOf);
    const leave = (index: number) => (way === 'abort' ? controllers[index]?.abort() : readers[index]?.cancel());
    await leave(0);
    expect([state.signal.aborted, byHand.state.cancelled]).toEqual([false, false]);
    await leave(1);
    expect([state.signal.aborted, byHand.state.cancelled]).toEqual([true, true]);
  });

  it('says that funds moved when it breaks off after a payment', async () => {
    const shared = createSharedCalls();
    const payment = { paymentHashHex: '00', paidMsat: 5000, feeMsat: 0, source: 'bought' } as const;
    const leaving = new AbortController();
    const { response } = bodyByHand();
    const reader = readerOf(await shared.run(callWith('k'), leaving.signal, async () => ({ response, payment })));
    leaving.abort();
    await expect(reader.read()).rejects.toThrow(expect.objectContaining({ code: 'CALL_ABORTED', fundsMoved: 'yes' }));
  });

  it('is passed on and not copied for a caller who is alone', async () => {
    const shared = createSharedCalls();
    const { response } = bodyByHand();
    let copies = 0;
    const { body } = response;
    const tee = body?.tee.bind(body);
    Object.defineProperty(body, 'tee', { value: () => (copies++, tee?.()) });
    Object.defineProperty(response, 'clone', { value: () => (copies++, response) });
    await shared.run(callWith('k'), null, async () => ({ response, payment: null }));
    expect(copies).toBe(0);
  });
});

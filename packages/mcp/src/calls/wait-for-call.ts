import type { Call } from './call.js';

/** Why a tool stops waiting for its call. */
export type Waited = 'ended' | 'late' | 'waiting' | 'left';

/** How long a tool waits. */
export interface WaitOptions {
  readonly withinMs: number;
  /** Of the request: whoever asked has left. */
  readonly signal: AbortSignal;
  /** Also stop when a person is asked, which may take long. */
  readonly untilWaiting: boolean;
}

/** Waits for a call's end, for a time. The call itself goes on. */
export function waitForCall(call: Call, { withinMs, signal, untilWaiting }: WaitOptions): Promise<Waited> {
  if (call.end !== null) return Promise.resolve('ended');
  if (signal.aborted) return Promise.resolve('left');
  if (untilWaiting && call.step === 'waiting') return Promise.resolve('waiting');
  return new Promise((resolve) => {
    const stops: (() => void)[] = [];
    const finish = (how: Waited): void => {
      for (const stop of stops) stop();
      resolve(how);
    };
    const timer = setTimeout(() => finish('late'), withinMs);
    const onAbort = (): void => finish('left');
    signal.addEventListener('abort', onAbort, { once: true });
    stops.push(
      () => clearTimeout(timer),
      () => signal.removeEventListener('abort', onAbort),
      call.onStep((step) => {
        if (step === 'ended') finish('ended');
        if (step === 'waiting' && untilWaiting) finish('waiting');
      }),
    );
  });
}

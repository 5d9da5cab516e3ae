import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 200;

/** Asks until the answer will do or the time is over. @returns the last answer. */
export async function askUntil<T>(ask: () => Promise<T>, willDo: (answer: T) => boolean, withinMs: number): Promise<T> {
  const untilMs = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (willDo(answer) || Date.now() >= untilMs) return answer;
    await sleep(POLL_MS);
  }
}

/** Lets time pass by the wallet's clock, where somebody can set it, else by the real one. */
export function letTimePass(
  { passTime }: { readonly passTime?: ((ms: number) => Promise<void>) | undefined },
  ms: number,
): Promise<void> {
  return passTime === undefined ? sleep(ms) : passTime(ms);
}

import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again until the answer is neither `undefined` nor `false`. For what no event announces: lnd and btcd tell nobody that
 * they have caught up. An error of the question counts as "not yet" and is shown when time is up.
 */
export async function waitUntil<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  { limitMs = 90_000, giveUpWhen = () => false }: { limitMs?: number; giveUpWhen?: () => boolean } = {},
): Promise<T> {
  const endsAtMs = Date.now() + limitMs;
  let lastError: unknown;
  while (Date.now() < endsAtMs && !giveUpWhen()) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      lastError = error;
    }
    await pause(50);
  }
  throw new Error(`waited in vain: ${what}`, { cause: lastError });
}

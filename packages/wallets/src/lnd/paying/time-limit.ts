/** What a timer of the runtime can hold; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function boundedTimeMs(timeoutMs: number): number {
  return Math.min(timeoutMs, LONGEST_TIMER_MS);
}

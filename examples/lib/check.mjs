import { isDeepStrictEqual } from 'node:util';

/** Says what is about to happen. */
export function tell(text) {
  console.log(text);
}

/** Holds what happened against what was promised. One that does not hold makes the process end with 1. */
export function check(promise, actual, expected) {
  const holds = isDeepStrictEqual(actual, expected);
  console.log(`  ${holds ? 'ok    ' : 'BROKEN'}  ${promise}`);
  if (holds) return;
  console.log(`          expected ${JSON.stringify(expected)}, and it was ${JSON.stringify(actual)}`);
  process.exitCode = 1;
}

/** How often each thing is there. */
export function countBy(things) {
  const counts = {};
  for (const thing of things) counts[thing] = (counts[thing] ?? 0) + 1;
  return counts;
}

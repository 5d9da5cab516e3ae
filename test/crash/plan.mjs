// What is bought, and when somebody dies: everything random comes from one seed, so that a run can be repeated.

/** A small seeded generator (mulberry32); numbers from 0 up to 1. */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The logical calls: each has a key of its own, and they differ in method, endpoint and price. */
export function planPurchases(count, random) {
  return Array.from({ length: count }, (_, number) => {
    const key = Array.from({ length: 4 }, () =>
      Math.floor(random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('');
    const kind = random();
    if (kind < 0.5) return { number, key, method: 'GET', path: `/v1/item/${number}` };
    if (kind < 0.8) return { number, key, method: 'POST', path: `/v1/order/${number}`, body: `order ${number}` };
    return { number, key, method: 'GET', path: `/v1/tile/${number}` };
  });
}

/** Reads `--purchases N --seed S --json --store postgres|pglite`. */
export function readArguments(args) {
  const options = { purchases: 100, seed: 1, json: false, store: 'postgres' };
  for (let index = 0; index < args.length; index++) {
    const name = args[index];
    if (name === '--json') options.json = true;
    else if (name === '--purchases' || name === '--seed') options[name.slice(2)] = wholeNumber(name, args[++index]);
    else if (name === '--store' && ['postgres', 'pglite'].includes(args[index + 1])) options.store = args[++index];
    else
      throw new TypeError(
        `${name} is not known; known are --purchases N, --seed S, --store postgres|pglite and --json`,
      );
  }
  return options;
}

function wholeNumber(name, text) {
  if (!/^\d{1,9}$/.test(text ?? '')) throw new TypeError(`${name} wants a whole number`);
  return Number(text);
}

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

/** Of several buyers, how many calls are given to two at a time: one key, two processes that may both begin to pay. */
const GIVEN_TWICE = 0.1;

/**
 * The logical calls: each has a key of its own, and they differ in method, endpoint and price. `buyers` are the processes that make the call, `host` says under
 * which of the gateway's names.
 */
export function planPurchases({ purchases, processes }, random) {
  return Array.from({ length: purchases }, (_, number) => {
    const key = Array.from({ length: 4 }, () =>
      Math.floor(random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('');
    return { number, key, ...thingToBuy(number, random()), ...placeOf(number, processes, random) };
  });
}

function thingToBuy(number, kind) {
  if (kind < 0.5) return { kind: 'item', method: 'GET', path: `/v1/item/${number}` };
  if (kind < 0.8) return { kind: 'order', method: 'POST', path: `/v1/order/${number}`, body: `order ${number}` };
  return { kind: 'tile', method: 'GET', path: `/v1/tile/${number}` };
}

function placeOf(number, processes, random) {
  const buyers = [number % processes];
  if (processes > 1 && random() < GIVEN_TWICE) buyers.push((number + 1) % processes);
  return { buyers, host: Math.floor(number / processes) % 2 };
}

/** What the endpoints cost where no budget is at stake, in millisatoshis. */
const USUAL_PRICES = { item: 5000, order: 7000, tile: 250 };
/** With a budget, this much of it is wanted: nearly everything is bought, and all processes meet at its edge. */
const SHARE_WANTED = 1.1;

/** Prices at which the whole plan costs a little more than the budget; the usual ones without a budget, or where they are lower. */
export function pricesFor(plan, budgetMsat) {
  const total = plan.reduce((sum, { kind }) => sum + USUAL_PRICES[kind], 0);
  const scale = budgetMsat === null ? 1 : Math.min(1, (budgetMsat * SHARE_WANTED) / total);
  return Object.fromEntries(Object.entries(USUAL_PRICES).map(([kind, msat]) => [kind, Math.ceil(msat * scale)]));
}

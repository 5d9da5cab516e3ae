// What a run with limits spent: by the wallet's books, which no buyer writes, and by the ledger.

const MINUTE_MS = 60_000;

/**
 * Compares what was spent with what was allowed.
 *
 * `overspentMsat`: by how much the budget, any minute, or any host's share was passed, whichever is worst. `unbooked`: how many of three things are not as they
 * should be: the ledger counts what the books count, it holds no reservation any more, and nothing is in flight.
 */
export function countMoney({ store, payments, purchases, hosts, limits, clockSpeed }) {
  const settled = payments.filter(({ state }) => state === 'SUCCEEDED');
  const spentMsat = sum(settled);
  const budget = store.budgets.state('default');
  const excesses = [
    excess(spentMsat, limits.budgetSats),
    excess(budget.spentMsat, limits.budgetSats),
    excess(dearestMinute(settled, MINUTE_MS / clockSpeed), limits.perMinuteSats),
    ...hosts.map((host) => excess(sum(paidTo(settled, purchases, host)), limits.perHostSats)),
  ];
  const mistakes = [
    budget.spentMsat !== spentMsat,
    budget.reservedMsat !== 0,
    payments.some(({ state }) => state === 'IN_FLIGHT'),
  ];
  return { spentMsat, overspentMsat: Math.max(...excesses), unbooked: mistakes.filter(Boolean).length };
}

function excess(spentMsat, limitSats) {
  return limitSats === null ? 0 : Math.max(0, spentMsat - limitSats * 1000);
}

/**
 * The most that was settled in any stretch of so many milliseconds, by the wallet's clock. The ledger counts a payment from before the wallet settles it until
 * a minute after it knows of it, so that the wallet's own times can only lie closer together.
 */
function dearestMinute(settled, windowMs) {
  const inOrder = settled.toSorted((a, b) => a.resolvedAtMs - b.resolvedAtMs);
  let [dearest, inWindow, from] = [0, 0, 0];
  for (const payment of inOrder) {
    inWindow += cost(payment);
    while (payment.resolvedAtMs - inOrder[from].resolvedAtMs >= windowMs) inWindow -= cost(inOrder[from++]);
    dearest = Math.max(dearest, inWindow);
  }
  return dearest;
}

function paidTo(settled, purchases, host) {
  const hashes = new Set(
    purchases.filter(({ origin }) => new URL(origin).host === host).map(({ paymentHashHex }) => paymentHashHex),
  );
  return settled.filter(({ paymentHashHex }) => hashes.has(paymentHashHex));
}

function sum(payments) {
  return payments.reduce((total, payment) => total + cost(payment), 0);
}

function cost({ amountMsat, feeMsat }) {
  return amountMsat + feeMsat;
}

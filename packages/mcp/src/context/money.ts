import { MCP_BUDGET_ID, type SatwayContext } from './satway-context.js';

/** Where the money stands, in millisatoshis, fees included. */
export interface Money {
  /** By this process. */
  readonly sessionSpentMsat: number;
  /** By this process, for payments that are not decided. */
  readonly sessionReservedMsat: number;
  /** Of the budget; where none is set, of the day's limit. */
  readonly remainingMsat: number;
  /** What the strictest of all limits leaves at this moment. */
  readonly spendableNowMsat: number;
}

export function readMoney({ client, store }: Pick<SatwayContext, 'client' | 'store'>): Money {
  const budget = client.budget();
  const session = store.budgets.ofSession(MCP_BUDGET_ID);
  const left = budget.limits.map(({ limit, capMsat, usedMsat }) => ({
    limit,
    leftMsat: notNegative(capMsat - usedMsat),
  }));
  const ofBudget =
    budget.capMsat === null ? null : notNegative(budget.capMsat - budget.spentMsat - budget.reservedMsat);
  const ofDay = left.find(({ limit }) => limit === 'perDay')?.leftMsat ?? 0;
  const strictest = Math.min(...left.map(({ leftMsat }) => leftMsat), ofBudget ?? Number.POSITIVE_INFINITY);
  const isStopped = store.budgets.stopped() !== null || budget.frozenReason !== null;
  return {
    sessionSpentMsat: session.spentMsat,
    sessionReservedMsat: session.reservedMsat,
    remainingMsat: ofBudget ?? ofDay,
    spendableNowMsat: isStopped || !Number.isFinite(strictest) ? 0 : strictest,
  };
}

function notNegative(amountMsat: number): number {
  return Math.max(0, amountMsat);
}

import { MCP_BUDGET_ID, type SatwayContext } from './satway-context.js';

/** Where the money stands, in millisatoshis, fees included. */
export interface Money {
  /** By this process, reservations included until they are decided. */
  readonly sessionSpentMsat: number;
  /** Of the budget; where none is set, of the day's limit. */
  readonly remainingMsat: number;
  /** What the strictest of all limits leaves at this moment. */
  readonly spendableNowMsat: number;
}

const NO_LIMITS = {
  perMinuteMsat: null,
  perHourMsat: null,
  perDayMsat: null,
  perHostAndDayMsat: null,
  perSessionMsat: null,
} as const;

export function readMoney({ client, store }: Pick<SatwayContext, 'client' | 'store'>): Money {
  const budget = client.budget();
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
    sessionSpentMsat: sessionSpentMsat(store),
    remainingMsat: ofBudget ?? ofDay,
    spendableNowMsat: isStopped || !Number.isFinite(strictest) ? 0 : strictest,
  };
}

function sessionSpentMsat({ budgets }: SatwayContext['store']): number {
  const session = { ...NO_LIMITS, perSessionMsat: Number.MAX_SAFE_INTEGER };
  return budgets.limitStates({ budgetId: MCP_BUDGET_ID, limits: session })[0]?.usedMsat ?? 0;
}

function notNegative(amountMsat: number): number {
  return Math.max(0, amountMsat);
}

export {
  type BudgetLedger,
  type Budgets,
  type BudgetState,
  createBudgetLedger,
  NO_CAP_MSAT,
  type ReservationRefusal,
} from './budget-ledger.js';
export { feeCeilingFor } from './fee-ceiling.js';
export { isSwitchedOff, type SpendingStop } from './kill-switch.js';
export {
  type BudgetLimits,
  type LimitName,
  type LimitState,
  NO_SPENDING_LIMITS,
  type SpendingLimits,
} from './spending-limits.js';

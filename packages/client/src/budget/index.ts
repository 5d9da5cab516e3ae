export {
  type BudgetLedger,
  type Budgets,
  type BudgetState,
  createBudgetLedger,
  NO_CAP_MSAT,
  type ReservationRefusal,
} from './budget-ledger.js';
export { feeCeilingFor } from './fee-ceiling.js';
export type { SpendingStop } from './kill-switch.js';
export type { BudgetLimits, LimitName, LimitState, SpendingLimits } from './spending-limits.js';

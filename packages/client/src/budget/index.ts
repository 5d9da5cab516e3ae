export { type BudgetLedger, type Budgets, type BudgetState, createBudgetLedger } from './budget-ledger.js';
export { feeCeilingFor } from './fee-ceiling.js';

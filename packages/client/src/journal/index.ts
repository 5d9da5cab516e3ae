export { HANDED_OVER, OWN_OUTCOMES } from './purchase.js';
export type { CalledThing, Purchase, PurchaseState, Quote } from './purchase.js';
export { fundsMovedFor } from './funds-moved.js';
export type { PurchaseQuery } from './purchase-query.js';
export type {
  ProvenPayment,
  PurchaseJournal,
  ReservationLimits,
  ResendLimits,
  StepResult,
} from './purchase-journal.js';
export { createSqliteJournal } from './sqlite-journal.js';
export type { UnusedPurchase } from './unused.js';

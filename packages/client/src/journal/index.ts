export type { CalledThing, Purchase, PurchaseState, Quote } from './purchase.js';
export type { ProvenPayment, PurchaseJournal, ReservationLimits, StepResult } from './purchase-journal.js';
export { createSqliteJournal } from './sqlite-journal.js';

export { paymentAsJson, paymentAsLines } from './describe.js';
export { offeredAsJson, offeredAsLines } from './offered.js';
export { withPurchases } from './open-purchases.js';
export { paymentTable } from './table.js';

export { paymentAsJson, paymentAsLines } from './describe.js';
export { findPurchase, noSuchPayment } from './find-payment.js';
export { offeredAsJson, offeredAsLines } from './offered.js';
export { withPurchases } from './open-purchases.js';
export { walletThatPaid } from './paid-wallet.js';
export { paymentTable } from './table.js';

export { type LookedUp, lookUpRecord } from './look-up.js';
export { type DirectPayment, type DirectPaymentEnd, type PaidBill, payBill } from './pay-bill.js';
export { type HeldPayment, holdPayment } from './payment-folder.js';

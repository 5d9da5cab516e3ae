export { type Finding, findPayment, paymentsOnRecord } from './find-payment.js';
export { type DirectPayment, type DirectPaymentEnd, type PaidBill, payBill } from './pay-bill.js';

export { paidOnRecord } from './earlier-sends.js';
export { type Finding, findPayment, settledOnDisk } from './find-payment.js';
export { type DirectPayment, type DirectPaymentEnd, type PaidBill, payBill } from './pay-bill.js';
export { listRecords } from './payment-folder.js';
export { whileOpen } from './while-open.js';
export { listOpenPayments, type OpenPayment } from './open-payments.js';
export { type OpenFinding, settleOpen } from './settle-open.js';

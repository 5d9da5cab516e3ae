export type { DirectPayment, DirectPaymentEnd, PaidBill } from './direct-payment.js';
export { paidOnRecord } from './earlier-sends.js';
export { type Finding, findPayment, settledOnDisk } from './find-payment.js';
export { payBill } from './pay-bill.js';
export { listRecords, readRecord } from './payment-folder.js';
export { whileOpen } from './while-open.js';
export { listOpenPayments, type OpenPayment } from './open-payments.js';
export { type DamagedFinding, examineDamaged, settleDamaged } from './settle-damaged.js';
export { type OpenFinding, settleOpen } from './settle-open.js';

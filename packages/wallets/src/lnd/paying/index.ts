export { lookUpPayment, readPaymentRecord } from './look-up-payment.js';
export { readPaymentLine } from './payment-line.js';
export { sendPayment } from './send-payment.js';

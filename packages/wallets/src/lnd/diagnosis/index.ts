export { type LndTraffic, readLndTraffic } from './channel-traffic.js';
export { diagnoseLndPayment, type LndPaymentDiagnosis } from './diagnose-payment.js';

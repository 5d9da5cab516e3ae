export { diagnoseLndPayment, type LndPaymentDiagnosis } from './diagnose-payment.js';

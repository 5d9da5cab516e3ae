export { isPaymentAuthorization, isPaymentHeader } from './payment-headers.js';

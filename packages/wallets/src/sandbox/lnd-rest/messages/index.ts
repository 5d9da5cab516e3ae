export { base64OfHex } from './amounts.js';
export { addedInvoiceMessage, invoiceMessage } from './invoice-message.js';
export { balanceMessage, infoMessage, payReqMessage } from './node-message.js';
export { paymentMessage, routeMessage } from './payment-message.js';

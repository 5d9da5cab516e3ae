export { base64OfHex } from './amounts.js';
export { channelMessage } from './channel-message.js';
export { addedInvoiceMessage, invoiceMessage } from './invoice-message.js';
export { balanceMessage, infoMessage, payReqMessage } from './node-message.js';
export { hasAttempt, paymentMessage, routeMessage } from './payment-message.js';

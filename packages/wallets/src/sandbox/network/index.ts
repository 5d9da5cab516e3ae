export { type BookedInvoice, type BookedPayment, booksOf, type NodeBooks, type SandboxBooks } from './books.js';
export { type SandboxClock, systemClock } from './clock.js';
export { PAYMENT_FAULT_KINDS, type PaymentFault, type ReplyFault } from './fault.js';
export { SandboxLightning } from './lightning.js';
export { type InvoiceToAdd, isNotEncodable } from './new-invoice.js';
export { pubkeyHexOf } from './node-keys.js';
export type { RoutingFee, SendRefusal } from './payment-request.js';

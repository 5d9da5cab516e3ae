export { type SandboxClock, systemClock } from './clock.js';
export { PAYMENT_FAULT_KINDS, type PaymentFate, type PaymentFault, type ReplyFault } from './fault.js';
export {
  type InvoiceToAdd,
  type PaymentToSend,
  type RoutingFee,
  ROUTING_ACCOUNT,
  isNotEncodable,
  SandboxLightning,
  type SendRefusal,
  type SendStart,
} from './lightning.js';
export { Listeners } from './listeners.js';
export { pubkeyHexOf } from './node-keys.js';
export { type BookedInvoice, type BookedPayment, booksOf, type NodeBooks, type SandboxBooks } from './books.js';

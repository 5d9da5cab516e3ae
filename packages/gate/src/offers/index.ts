export { hasSecretForm } from './caller-secret.js';
export {
  completeInvoiceExpiryMs,
  DEFAULT_INVOICE_EXPIRY_MS,
  MAX_INVOICE_EXPIRY_MS,
  MIN_INVOICE_EXPIRY_MS,
} from './invoice-expiry.js';
export type { Offer, OfferRequest, OfferResult, PaidPrice } from './offer.js';
export { OfferDesk, type OfferDeskOptions } from './offer-desk.js';

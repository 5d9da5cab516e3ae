export { hasSecretForm } from './caller-secret.js';
export type { Offer, OfferRequest, OfferResult, PaidPrice } from './offer.js';
export { OfferDesk, type OfferDeskOptions } from './offer-desk.js';

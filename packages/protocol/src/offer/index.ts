export { type CheckedOffer, checkOffer, DEFAULT_MAX_FINAL_CLTV, type OfferToCheck } from './check-offer.js';

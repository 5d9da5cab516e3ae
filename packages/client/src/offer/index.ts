export { type Offer, readOffer, verifyOffer } from './offer.js';
export { HOST_SCOPE } from './scope.js';

export { type Offer, readOffer } from './offer.js';
export { HOST_SCOPE } from './scope.js';

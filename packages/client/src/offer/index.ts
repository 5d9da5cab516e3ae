export { type Offer, readOffer } from './offer.js';

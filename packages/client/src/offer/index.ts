export { type Offer, readOffer, verifyOffer } from './offer.js';
export { type AskedThing, HOST_SCOPE, TOOL_METHOD, urlScopeOf } from './scope.js';

export type { CredentialFetchResult, CredentialUse } from './credential-fetch-result.js';
export { type Delegation, type DelegationLimits, type DelegationSource, delegate } from './delegate.js';
export { type CredentialDescription, describeCredential } from './describe-credential.js';
export { type CredentialFetchOptions, fetchWithCredential } from './fetch-with-credential.js';
export { leavingEarly } from './leave-early.js';
export { type ObtainedCost, type ObtainedCredential, obtain } from './obtain.js';

export { type CacheKey, type CredentialCache, createCredentialCache, type PaidCredential } from './credential-cache.js';
export type { ImportPlace, KeptCredential, KeptCredentials } from './kept-credentials.js';

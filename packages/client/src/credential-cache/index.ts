export { type CacheKey, type CredentialCache, createCredentialCache, type PaidCredential } from './credential-cache.js';

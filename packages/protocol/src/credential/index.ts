export { type Authorization, formatAuthorization, parseAuthorization } from './authorization.js';
export {
  type BranchCounter,
  type CredentialRefusal,
  type CredentialToVerify,
  type CredentialVerification,
  preimageMatches,
  type VerifiedCredential,
  verifyCredential,
} from './verify.js';

export { type Authorization, formatAuthorization, parseAuthorization } from './authorization.js';
export {
  type CountedBranch,
  type CredentialRefusal,
  type CredentialToVerify,
  preimageMatches,
  type Verification,
  type VerifiedCredential,
  verifyCredential,
} from './verify.js';

export {
  type DecodedInvoice,
  decodeInvoice,
  encodeInvoice,
  type FallbackAddress,
  type FieldLetter,
  type InvoicePrefix,
  type InvoiceToEncode,
  MAX_INVOICE_LENGTH,
  msatFromDecoded,
  type ReadInvoice,
  type RouteHop,
  readOwnInvoice,
} from './bolt11/index.js';
export type { BitcoinNetwork } from './network.js';
export { ok, type Refusal, type Result, refuse } from './result.js';
export { bytesToHex, equalBytes, hexToBytes, isHex64, sha256 } from './bytes/index.js';
export {
  type BranchCounter,
  type Caveat,
  checkTerms,
  type CredentialTerms,
  holderCaveats,
  interpretCaveats,
  mintedCaveats,
  type MintedTerms,
  type Narrowing,
  parseCaveat,
  type RequestToCheck,
  type TermsRefusal,
} from './caveats/index.js';
export {
  type BodyChallenge,
  type Challenge,
  challengeBody,
  type ChallengeBodyInput,
  formatL402Challenge,
  type L402Challenge,
  type OfferedInvoice,
  type OtherChallenge,
  parseChallengeBody,
  parseChallenges,
  type PaymentChallenge,
} from './challenge/index.js';
export {
  type Authorization,
  type CountedBranch,
  type CredentialRefusal,
  type CredentialToVerify,
  formatAuthorization,
  parseAuthorization,
  preimageMatches,
  type Verification,
  type VerifiedCredential,
  verifyCredential,
} from './credential/index.js';
export {
  createKeyRing,
  deriveRootKey,
  type KeyRing,
  type MasterKey,
  masterKeyIdHex,
  type RootKeyKind,
  type RootKeyName,
  type RootKeyRequest,
} from './key-ring/index.js';
export {
  attenuate,
  type CredentialIdentifier,
  decodeIdentifier,
  decodeMacaroon,
  decodeMacaroonText,
  encodeIdentifier,
  encodeMacaroon,
  encodeMacaroonText,
  type Macaroon,
  type MacaroonToMint,
  MAX_CAVEATS,
  MAX_MACAROON_BYTES,
  mintMacaroon,
  type ReadMacaroon,
  signatureChain,
} from './macaroon/index.js';
export { canonicalizePath, type CanonicalPath, parsePathPrefix, pathPrefixCovers } from './path/index.js';
export { decodeSessionToken, encodeSessionToken, type SessionClaims, verifySessionToken } from './session/index.js';
export { EXTENSION_PREFIX, MACAROON_LOCATION } from './names.js';
export { PRICE_MODELS, type PriceModel } from './pricing/index.js';
export { type CheckedOffer, checkOffer, DEFAULT_MAX_FINAL_CLTV, type OfferToCheck } from './offer/index.js';

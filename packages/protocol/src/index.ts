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
export { bytesToHex, equalBytes, hexToBytes, hmacSha256, isHex64, sha256, sha256Hex } from './bytes/index.js';
export {
  type Caveat,
  type CaveatKey,
  type CounterTerm,
  type CredentialTerms,
  checkTerms,
  HOLDER_CAVEATS,
  type HolderLimits,
  holderCaveats,
  interpretCaveats,
  type MintedTerms,
  mintedCaveats,
  parseCaveat,
  type TermsCheck,
  type TermsRefusal,
  type TermsRequest,
} from './caveats/index.js';
export {
  advertisedByParams,
  advertisedByPayment,
  type BodyChallenge,
  type Challenge,
  type ChallengeBodyInput,
  challengeBody,
  formatL402Challenge,
  type L402Challenge,
  type OfferedInvoice,
  type OtherChallenge,
  type PaymentChallenge,
  parseChallengeBody,
  parseChallenges,
} from './challenge/index.js';
export {
  type Authorization,
  type BranchCounter,
  type CredentialRefusal,
  type CredentialToVerify,
  type CredentialVerification,
  formatAuthorization,
  parseAuthorization,
  preimageMatches,
  type VerifiedCredential,
  verifyCredential,
} from './credential/index.js';
export {
  createKeyRing,
  deriveRootKey,
  isTenantId,
  type KeyRing,
  type MasterKey,
  masterKeyIdHex,
  type RootKeyDerivation,
  type RootKeyRequest,
  type SessionKeyRequest,
} from './key-ring/index.js';
export {
  attenuate,
  decodeIdentifier,
  decodeMacaroon,
  decodeMacaroonText,
  encodeIdentifier,
  encodeMacaroon,
  encodeMacaroonText,
  type L402Identifier,
  type Macaroon,
  MAX_CAVEATS,
  MAX_MACAROON_BYTES,
  MAX_MACAROON_TEXT_LENGTH,
  type MintMacaroonOptions,
  mintMacaroon,
  signatureChain,
} from './macaroon/index.js';
export { EXTENSION_PREFIX, HEADERS, MACAROON_LOCATION } from './names.js';
export {
  PAYMENT_OUTCOMES,
  type PaymentOutcomeWord,
  readPaymentCode,
  readPaymentOutcome,
  type ToldPaymentOutcome,
} from './payment-outcome.js';
export type { BitcoinNetwork } from './network.js';
export { type CheckedOffer, checkOffer, DEFAULT_MAX_FINAL_CLTV, type OfferToCheck } from './offer/index.js';
export { isPaymentAuthorization, isPaymentHeader } from './payment-headers/index.js';
export {
  type CanonicalPath,
  canonicalizePath,
  MAX_TARGET_LENGTH,
  parsePathPrefix,
  pathPrefixCovers,
} from './path/index.js';
export {
  canonicalJson,
  formatToolChallenge,
  formatToolCredential,
  formatToolPrice,
  formatToolReceipt,
  parseToolChallenge,
  parseToolCredential,
  parseToolPrice,
  parseToolReceipt,
  TOOL_CHALLENGE_KEY,
  TOOL_CREDENTIAL_KEY,
  TOOL_PRICE_KEY,
  TOOL_RECEIPT_KEY,
  type ToolCall,
  type ToolChallenge,
  type ToolCredential,
  type ToolPaymentOutcome,
  type ToolPrice,
  type ToolReceipt,
  toolArgsDigestHex,
  toolPriceSentence,
  toolResource,
} from './priced-tools/index.js';
export { isPriceModel, type PriceModel } from './pricing/index.js';
export {
  checkReceipt,
  RECEIPT_FIELDS,
  type Receipt,
  type ReceiptCheck,
  receiptDigest,
  type ReceiptFault,
  type ReceiptFaultKind,
  readReceipt,
} from './receipt/index.js';
export { ok, type Refusal, type Result, refuse } from './result.js';
export { decodeSessionToken, encodeSessionToken, type SessionClaims, verifySessionToken } from './session/index.js';

export { canonicalJson } from './canonical-json.js';
export { type ToolCall, toolArgsDigestHex, toolResource } from './tool-call.js';
export { formatToolChallenge, parseToolChallenge, TOOL_CHALLENGE_KEY, type ToolChallenge } from './tool-challenge.js';
export {
  formatToolCredential,
  parseToolCredential,
  TOOL_CREDENTIAL_KEY,
  type ToolCredential,
} from './tool-credential.js';
export { formatToolPrice, parseToolPrice, TOOL_PRICE_KEY, type ToolPrice, toolPriceSentence } from './tool-price.js';
export {
  formatToolReceipt,
  parseToolReceipt,
  TOOL_RECEIPT_KEY,
  type ToolPaymentOutcome,
  type ToolReceipt,
} from './tool-receipt.js';

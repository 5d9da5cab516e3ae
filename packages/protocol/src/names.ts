/** Prefix of the `_meta` keys of priced MCP tools and of the extension. */
export const EXTENSION_PREFIX = 'dev.satway';

/** The location of every macaroon that is minted here. The signature does not cover it, so it must be equal. */
export const MACAROON_LOCATION = 'satway';

/** Header names as they are sent; compare without regard to case. */
export const HEADERS = {
  authenticate: 'WWW-Authenticate',
  authorization: 'Authorization',
  cacheControl: 'Cache-Control',
  idempotencyKey: 'Idempotency-Key',
  paymentOutcome: 'X-Payment-Outcome',
  paymentCode: 'X-Payment-Code',
  paymentReceipt: 'Payment-Receipt',
  sessionToken: 'X-Session-Token',
  sessionExpires: 'X-Session-Expires',
  sessionBalance: 'X-Session-Balance',
  sessionCost: 'X-Session-Cost',
} as const;

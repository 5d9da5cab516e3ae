import type { ErrorEntry } from '../error-entry.js';

/** Rows of the `protocol` room. */
export const protocolErrors = {
  INVOICE_MALFORMED: {
    message: 'The text is not a BOLT11 invoice.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Ask the seller for a new invoice; nothing was paid.',
  },
  INVOICE_NETWORK_UNKNOWN: {
    message: 'The invoice is for a network that is not known.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Ask for an invoice on mainnet, testnet, signet or regtest.',
  },
  INVOICE_AMOUNT_INVALID: {
    message: 'The amount of the invoice cannot be read.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Ask the seller for a new invoice; nothing was paid.',
  },
  INVOICE_SUB_MILLISATOSHI: {
    message: 'The invoice asks for a fraction of a millisatoshi.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Ask the seller for an invoice in whole millisatoshis.',
  },
  INVOICE_SIGNATURE_INVALID: {
    message: 'The signature of the invoice is not good.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Do not pay it; ask the seller for a new invoice.',
  },
  INVOICE_PAYMENT_SECRET_MISSING: {
    message: 'The invoice has no payment secret.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Ask for an invoice of a current Lightning node.',
  },
  INVOICE_FEATURE_UNKNOWN: {
    message: 'The invoice requires features that are not supported, or lacks ones that they build on.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Ask for an invoice that the features of BOLT 9 for invoices are enough for.',
  },
  INVOICE_NOT_ENCODABLE: {
    message: 'An invoice with these contents cannot be written.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Correct what the detail names.',
  },
  INVOICE_AMOUNTLESS: {
    message: 'The invoice names no amount.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Ask the seller for an invoice with its price in it.',
  },
  INVOICE_OTHER_NETWORK: {
    message: "The invoice is for another network than the wallet's.",
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Use a wallet on the network of the seller, or another seller.',
  },
  INVOICE_EXPIRED: {
    message: 'The invoice has expired.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Ask the seller again for a new invoice; check the clock if this comes back.',
  },
  INVOICE_FINAL_CLTV_TOO_LARGE: {
    message: 'The invoice could lock the payment for days.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Do not pay it, or raise maxFinalCltv if the seller is trusted with that.',
  },
  OFFER_PRICE_MISMATCH: {
    message: 'The invoice does not ask for the advertised price.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Do not pay it; tell the seller.',
  },
  OFFER_HASH_MISMATCH: {
    message: 'The offered token does not belong to the invoice.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Do not pay it; the token would open nothing.',
  },
  OFFER_TOKEN_EXPIRES_FIRST: {
    message: 'The offered token expires before its invoice.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Ask the seller again; nothing was paid.',
  },
  AMOUNT_OUT_OF_RANGE: {
    message: 'The amount is larger than a safe integer of millisatoshis.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Use smaller amounts; nothing was paid.',
  },
  HEX_MALFORMED: {
    message: 'The text is not hex.',
    httpStatus: 400,
    fundsMoved: 'no',
    nextStep: 'Send an even number of hex digits.',
  },
  MACAROON_MALFORMED: {
    message: 'The macaroon cannot be read.',
    httpStatus: 402,
    fundsMoved: 'no',
    nextStep: 'Drop the credential and ask again without it.',
  },
  CAVEAT_MALFORMED: {
    message: 'A caveat is unknown or malformed.',
    httpStatus: 402,
    fundsMoved: 'no',
    nextStep: 'Drop the credential and ask again without it.',
  },
  KEY_RING_INVALID: {
    message: 'The master keys cannot be used.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Give at least one key of 32 bytes, each once.',
  },
  SESSION_REFUSED: {
    message: 'The session token is not valid.',
    httpStatus: 402,
    fundsMoved: 'no',
    nextStep: 'Present the credential itself, or buy again.',
  },
  PATH_REFUSED: {
    message: 'The path of the request is not allowed.',
    httpStatus: 400,
    fundsMoved: 'no',
    nextStep: 'Send a plain path: no encoded separators, no backslash, no semicolon.',
  },
} as const satisfies Record<string, ErrorEntry>;

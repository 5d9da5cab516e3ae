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
  AMOUNT_OUT_OF_RANGE: {
    message: 'The amount is larger than a safe integer of millisatoshis.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Use smaller amounts; nothing was paid.',
  },
} as const satisfies Record<string, ErrorEntry>;

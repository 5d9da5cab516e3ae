import type { ErrorEntry } from '../error-entry.js';

/** Rows of the `gate` room. Over the wire a code is written in lower case. */
export const gateErrors = {
  STORE_UNAVAILABLE: {
    message: 'The store that counts payments cannot answer.',
    httpStatus: 503,
    fundsMoved: 'no',
    nextStep: 'Send the same request with the same credential again a little later.',
  },
  PAYMENT_REQUIRED: {
    message: 'This call costs money.',
    httpStatus: 402,
    fundsMoved: 'no',
    nextStep: 'Pay the invoice, then send the request again with Authorization: L402 <macaroon>:<preimage>.',
  },
  ENDPOINT_NOT_FOUND: {
    message: 'Nothing is offered under this path.',
    httpStatus: 404,
    fundsMoved: 'no',
    nextStep: 'Check the path.',
  },
  METHOD_NOT_OFFERED: {
    message: 'This path is not offered under this method.',
    httpStatus: 405,
    fundsMoved: 'no',
    nextStep: 'Use one of the methods in the Allow header.',
  },
  TOO_MANY_REQUESTS: {
    message: 'Too many requests from this address.',
    httpStatus: 429,
    fundsMoved: 'no',
    nextStep: 'Wait as long as Retry-After says. A credential keeps its value meanwhile.',
  },
  TOO_MANY_INVOICES: {
    message: 'Too many invoices were asked for.',
    httpStatus: 429,
    fundsMoved: 'no',
    nextStep: 'Wait as long as Retry-After says, or pay an invoice that is still open.',
  },
  INVOICE_UNAVAILABLE: {
    message: 'The wallet of the seller cannot make an invoice now.',
    httpStatus: 503,
    fundsMoved: 'no',
    nextStep: 'Try again a little later. A credential that was paid before is good as ever.',
  },
  INVOICE_NOT_AS_ASKED: {
    message: 'The wallet answered an invoice that is not the one that was asked for.',
    httpStatus: 503,
    fundsMoved: 'no',
    nextStep:
      'Read the detail; check that the wallet is the one that is meant, that it is on the right network, and that its clock is right.',
  },
  CREDENTIAL_REFUSED: {
    message: 'The credential is not good here.',
    httpStatus: 402,
    fundsMoved: 'no',
    nextStep: 'Buy a new one for exactly this call.',
  },
  CLAIM_IN_PROGRESS: {
    message: 'The credential is in use at this very moment.',
    httpStatus: 409,
    fundsMoved: 'no',
    nextStep: 'Send the same request with the same credential again after Retry-After; do not pay again.',
  },
  PAYMENT_RESTING: {
    message: 'The credential rests after calls that failed.',
    httpStatus: 409,
    fundsMoved: 'no',
    nextStep: 'Send the same request with the same credential again after Retry-After; do not pay again.',
  },
  PAYMENT_NOT_CONFIRMED: {
    message: 'The wallet of the seller has not been credited with this payment.',
    httpStatus: 409,
    fundsMoved: 'unknown',
    nextStep:
      'If you have paid, do not pay again: send the same request with the same credential after Retry-After. If it stays so, ask the seller about the payment hash.',
  },
  PAYMENT_UNCONFIRMABLE: {
    message: 'The wallet of the seller cannot say now whether this payment has settled.',
    httpStatus: 503,
    fundsMoved: 'unknown',
    nextStep: 'Do not pay again: send the same request with the same credential after Retry-After.',
  },
  IDEMPOTENCY_KEY_INVALID: {
    message: 'The Idempotency-Key cannot be used.',
    httpStatus: 400,
    fundsMoved: 'no',
    nextStep: 'Send one Idempotency-Key of 1 to 255 visible ASCII characters.',
  },
  IDEMPOTENCY_CONFLICT: {
    message: 'This Idempotency-Key stands for another request.',
    httpStatus: 409,
    fundsMoved: 'no',
    nextStep: 'Use a new Idempotency-Key for a new request.',
  },
  IDEMPOTENCY_IN_PROGRESS: {
    message: 'The request with this Idempotency-Key is still running.',
    httpStatus: 409,
    fundsMoved: 'no',
    nextStep: 'Send the same request again after Retry-After.',
  },
  REPLAY_UNAVAILABLE: {
    message: 'This request was answered and charged before, and its answer was not kept.',
    httpStatus: 409,
    fundsMoved: 'yes',
    nextStep: 'Use a new Idempotency-Key to make the call again; that takes another use.',
  },
  TENANT_INVALID: {
    message: 'The tenant has no usable id or slug.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Give it a UUID in lower case, for ever the same, and a slug of 1 to 64 of a-z, 0-9 and -.',
  },
  LIMITS_INVALID: {
    message: 'A limit of the gate cannot be used.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep:
      "Give each rate a burst of at least 1 and a positive perSecond, or 'off'; invoiceExpiryMs is a whole number of 10000 to 604800000.",
  },
  ENDPOINTS_INVALID: {
    message: 'The endpoints contradict themselves or the rules.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Mend every mistake that the detail lists.',
  },
  CLAIM_MALFORMED: {
    message: 'A claim, or a reference to one, does not have the shape that the store takes.',
    httpStatus: 500,
    fundsMoved: 'no',
    nextStep: 'Report this as a bug: the gate makes these values itself.',
  },
  STORE_MIGRATION_FAILED: {
    message: "The store's tables could not be brought up to date.",
    httpStatus: null,
    fundsMoved: 'no',
    nextStep:
      'Read the detail; give the database user the rights it names, or start the version that made these tables.',
  },
  POWER_LOSS_NOT_ACCEPTED: {
    message: 'The embedded store can lose its last moments in a power cut, which on mainnet can cost money.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Use PostgreSQL, or set acceptPowerLoss: true.',
  },
} as const satisfies Record<string, ErrorEntry>;

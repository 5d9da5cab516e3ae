import type { ErrorEntry } from '../error-entry.js';

/** Rows of the `client` room. */
export const clientErrors = {
  CLIENT_OPTIONS_INVALID: {
    message: 'An option of the paying client cannot be used.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Correct the option that the detail names; amounts are whole satoshis, 0 pays nothing.',
  },
  CLIENT_CLOSED: {
    message: 'The paying client or its purchase store is closed.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Open a new one; what was paid is in the store.',
  },
  CALL_INVALID: {
    message: 'This cannot be sent as an HTTP request.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep:
      'Give an absolute http or https URL without a password, a known method, a body that can be read once, and no credential of a payment as authorization: one that you hold goes through fetchWithCredential.',
  },
  CALL_BODY_TOO_LARGE: {
    message: 'The request body is larger than the paying client keeps for a repeat.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Send less, or raise maxRequestBodyBytes.',
  },
  CALL_ABORTED: {
    message: 'The caller gave the call up.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep: 'Call again: what was paid meanwhile is kept and used by the next call of the same thing.',
  },
  REDIRECT_REFUSED: {
    message: 'The server redirects to a place where this request must not go.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Call the final address yourself if you trust it.',
  },
  OFFER_UNREADABLE: {
    message: 'The server wants a payment but says in no known form which one.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Ask the seller for an L402 challenge with a BOLT11 invoice.',
  },
  PRICE_ABOVE_LIMIT: {
    message: 'The price is above what one request may cost.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Raise maxPerRequestSats if the answer is worth it.',
  },
  BUDGET_EXHAUSTED: {
    message: 'The budget does not cover this purchase.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Raise budgetSats, use another budgetId, or wait until purchases under way are resolved.',
  },
  PURCHASE_OF_OTHER_WALLET: {
    message: 'Another wallet began to pay for this very call, and its answer may not have come yet.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep:
      'Make the call with that wallet, which pays nothing more. To buy anew with this one, give the call an `Idempotency-Key` of its own.',
  },
  PURCHASE_OF_OTHER_BUDGET: {
    message: 'Another budget began to pay for this very call, and what became of that payment is not known.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep: 'Make the call with the client of that budget, which may send the same payment once more.',
  },
  SPENDING_LIMIT_REACHED: {
    message: 'A limit on what may be spent in a stretch of time leaves too little for this purchase.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Wait until the limit that the detail names leaves room again, or raise it.',
  },
  BUDGET_PARENT_CONFLICT: {
    message: 'The budget is not part of the budget that it was said to be part of.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Use another budgetId: what a budget is part of never changes.',
  },
  HOST_NOT_ALLOWED: {
    message: 'Nothing may be bought from this host.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Change the lists of hosts if you want to buy there.',
  },
  PAYEE_NOT_ALLOWED: {
    message: 'Nothing may be paid to this node.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Change the lists of payees if you want to pay it.',
  },
  BUDGET_FROZEN: {
    message:
      'Nothing may be spent: the budget is frozen after a payment that cost more than was reserved, or a person stopped all spending.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'See `satway budget` for the reason; a person lets spending go on with `satway budget thaw`.',
  },
  APPROVAL_DENIED: {
    message: 'The purchase was not approved.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Nothing was paid. Ask again only if the person changes their mind.',
  },
  APPROVAL_NOT_FOUND: {
    message: 'No purchase waits under this id.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'See `satway approve --list` for what waits.',
  },
  APPROVAL_OVER: {
    message: 'This can no longer be approved or denied.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Make the call again; it asks anew with an invoice of its own.',
  },
  APPROVALS_FULL: {
    message: 'Too many purchases wait for a person already.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Decide about those that wait (`satway approve --list`), then call again.',
  },
  APPROVALS_PAUSED: {
    message: 'A person has said no to this seller several times just now, and is not asked again for ten minutes.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Do not call again. A person who wants it after all can buy it with `satway pay`.',
  },
  PAYMENT_HASH_REUSED: {
    message: 'The payment hash of this invoice stands under another purchase.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep:
      'Ask the seller for an invoice of its own; do not pay this one. Whether money moved for it is what became of the other purchase: see `satway wallet resolve`.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    message: 'This Idempotency-Key stands under another call.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Give each logical call a random key of its own.',
  },
  PURCHASE_UNDER_WAY: {
    message: 'Another process has this purchase in hand.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep: 'Wait until that process is done or ended, then call again with the same Idempotency-Key.',
  },
  PAYMENT_FAILED: {
    message: 'The payment failed for good; the reservation was given back.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Read the reason (no route, no balance, …), mend it, then call again.',
  },
  PAYMENT_UNKNOWN: {
    message: 'The wallet cannot say yet whether the payment went out; its reservation is kept.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep:
      'Call again later: the payment is looked up first and never made a second time. Where the detail says why it was not sent once more, that has to change first, or a person ends it with `satway wallet resolve`.',
  },
  PREIMAGE_WRONG: {
    message: 'The wallet calls the payment settled but its preimage does not belong to the invoice.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep: 'Do not trust this wallet; look the payment up there. Its reservation is kept.',
  },
  PAID_CREDENTIAL_REFUSED: {
    message:
      'The seller refused a credential that was just paid for; it is kept, and nothing more is bought there by itself.',
    httpStatus: null,
    fundsMoved: 'yes',
    nextStep: 'Complain to the seller with the payment hash; a person can lift the stop on this host.',
  },
  REDEMPTION_REFUSED: {
    message: 'The seller no longer honours a purchase that was paid and sent before; nothing was paid again.',
    httpStatus: null,
    fundsMoved: 'yes',
    nextStep: 'The first answer may have been lost on its way. Call with a new Idempotency-Key to buy anew.',
  },
  SELLER_STOPPED: {
    message: 'Nothing is bought from this host by itself, since it took a payment and refused the credential.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Settle the earlier purchase with the seller, then let a person lift the stop.',
  },
  CLAIM_STILL_RUNNING: {
    message: 'The seller is still busy with this paid call; the credential is kept.',
    httpStatus: null,
    fundsMoved: 'yes',
    nextStep: 'Call again with the same Idempotency-Key; it is not charged again.',
  },
  ANSWER_LOST: {
    message: 'The paid request was sent, but no whole answer came back; the credential is kept.',
    httpStatus: null,
    fundsMoved: 'yes',
    nextStep: 'Call again: the same Idempotency-Key is sent, so that the seller can repeat its answer.',
  },
  NOTHING_TO_OBTAIN: {
    message: 'The server asks for no payment here, so there is no credential to buy.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Make the call itself; look at the status that the detail names.',
  },
  CREDENTIAL_TOKEN_INVALID: {
    message: 'This is no handed-over credential, or not all of one.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Copy the whole text again, from the first character to the last, or ask whoever gave it for another.',
  },
  CREDENTIAL_OTHER_ORIGIN: {
    message: 'The handed-over credential was bought at another origin, and goes nowhere else.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Call the origin that the detail names, with its scheme, name and port just so.',
  },
  CREDENTIAL_EXPIRED: {
    message: 'The credential has expired.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Ask whoever handed it over for another one.',
  },
  CREDENTIAL_NOT_FOR_THIS: {
    message: 'The handed-over credential does not open this request.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Keep to the method and the path that the detail names, or ask whoever handed it over for another one.',
  },
  HANDED_CREDENTIAL_REFUSED: {
    message: 'The seller refused the handed-over credential; nothing was paid.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep:
      'It is used up, revoked, expired, or for something else; sellers do not say which. Ask whoever handed it over for another one.',
  },
  DELEGATION_INVALID: {
    message: 'A limit of the delegation cannot be used.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Correct the limit that the detail names.',
  },
  DELEGATION_WIDENS: {
    message: 'The delegation asks for more than the credential gives.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Ask for at most what the detail names.',
  },
  DELEGATION_NOT_ANNOUNCED: {
    message: 'The seller has not announced that it enforces such a limit.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Leave the limit out, or hand the credential over whole to somebody you trust with all of it.',
  },
  DELEGATION_IMPOSSIBLE: {
    message: 'This credential cannot be narrowed.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Hand it over whole to somebody you trust with all of it, or narrow one that was narrowed less often.',
  },
  PURCHASE_STATE_CONFLICT: {
    message: 'The purchase is not in the state, or not in the hands, from which this step may be taken.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep: 'Read the purchase again; another process may have finished it.',
  },
  PURCHASE_NOT_DECIDABLE: {
    message: 'This payment may not be ended by hand so now.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep:
      'Read the detail. Ask again later: the wallet may end the payment by itself, and what it proves is written down.',
  },
  PURCHASE_STORE_UNUSABLE: {
    message: 'The purchase store cannot be opened.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Check that the path is a purchase store on a local disk that this user may write; it was left as it is.',
  },
  PURCHASE_STORE_NEWER: {
    message: 'The purchase store was written by a newer version.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Upgrade this program; the store was left as it is.',
  },
  PURCHASE_STORE_FAILED: {
    message: 'The purchase store could not be read or written.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep: 'Check the disk and other processes on the store, then call again; nothing is paid without its record.',
  },
  VAULT_KEY_MISSING: {
    message: 'The key that opens the purchase store is not there; without it nothing that was paid for can be used.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep:
      'Bring the key back from where the detail says, or from a copy. No new key is made: it would open nothing. To give up what was paid for, move the store away.',
  },
  VAULT_KEY_WRONG: {
    message: 'The key is not the one with which the purchase store was sealed.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Put the right key there; the store and the key were left as they are.',
  },
  VAULT_KEY_UNSAFE: {
    message: 'The file with the key of the purchase store is no plain file of this user, or cannot be read.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'See who put it there. It must be a file of this user with mode 0600, and no link.',
  },
  VAULT_KEY_DAMAGED: {
    message: 'What lies where the key of the purchase store should be is no key.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Bring the key back from a copy, 64 hex digits; the file was left as it is.',
  },
  VAULT_KEYCHAIN_UNAVAILABLE: {
    message: 'The keychain of this machine cannot be used.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Unlock it and call again. A store that is new keeps its key in a file with SATWAY_KEYCHAIN=off.',
  },
  VAULT_DAMAGED: {
    message: 'A secret in the purchase store was changed or moved since it was sealed; it is not used.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep:
      'Restore the store from a copy, and see who can write to it; it was left as it is. `satway credentials forget` gives a credential up.',
  },
  CREDENTIAL_STORE_REFUSED: {
    message: 'CREDENTIAL_STORE names a place outside of the home directory and of SATWAY_HOME.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Name a file inside one of them; links and `..` count as where they lead.',
  },
  CREDENTIAL_NOT_FOUND: {
    message: 'The purchase store has no such credential.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'See `satway credentials list`.',
  },
  CREDENTIAL_FILE_INVALID: {
    message: 'The credential cannot be taken from, or written to, this file.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Read the detail. A file is the token of an Aperture client or of lnget; what was there is as it was.',
  },
} as const satisfies Record<string, ErrorEntry>;

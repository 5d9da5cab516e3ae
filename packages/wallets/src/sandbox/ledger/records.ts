/** Where an invoice stands, in LND's words. `OPEN` past its expiry is read as `CANCELED`. */
export type InvoiceRecordState = 'OPEN' | 'ACCEPTED' | 'SETTLED' | 'CANCELED';

/** An invoice in the books of the node that wrote it. */
export interface InvoiceRecord {
  readonly node: string;
  readonly addIndex: number;
  readonly paymentHashHex: string;
  readonly preimageHex: string;
  readonly paymentSecretHex: string;
  /** `null`: the payer chooses. */
  readonly amountMsat: number | null;
  readonly description: string;
  /** In the place of the description, where the invoice carries the hash of one. */
  readonly descriptionHashHex: string | null;
  readonly invoice: string;
  readonly createdAtSeconds: number;
  readonly expirySeconds: number;
  readonly state: InvoiceRecordState;
  /** Counts the settled invoices of a node, from 1; 0 until then. */
  readonly settleIndex: number;
  readonly amountReceivedMsat: number;
  readonly settledAtMs: number | null;
  /** When the money arrived at the node, held or settled. */
  readonly acceptedAtMs: number | null;
}

export type PaymentRecordState = 'IN_FLIGHT' | 'SUCCEEDED' | 'FAILED';

/** Why a payment failed, in LND's words. */
export type SandboxFailureReason =
  | 'FAILURE_REASON_NONE'
  | 'FAILURE_REASON_NO_ROUTE'
  | 'FAILURE_REASON_INSUFFICIENT_BALANCE'
  | 'FAILURE_REASON_INCORRECT_PAYMENT_DETAILS';

/** A payment in the books of the node that pays; one record for each hash, replaced when a failed one is tried again. */
export interface PaymentRecord {
  readonly node: string;
  readonly paymentHashHex: string;
  /** Counts the attempts of a node, from 1. */
  readonly paymentIndex: number;
  readonly invoice: string;
  /** Of the invoice, so that telling of a payment needs no second look at its signature. */
  readonly payeeHex: string;
  readonly paymentSecretHex: string;
  readonly amountMsat: number;
  readonly feeMsat: number;
  readonly state: PaymentRecordState;
  readonly failureReason: SandboxFailureReason;
  /** `null` until the payment is settled: a preimage appears only on payment. */
  readonly preimageHex: string | null;
  readonly createdAtMs: number;
  readonly resolvedAtMs: number | null;
  /** Whether the money left the payer's balance, to be settled or to come back. */
  readonly sent: boolean;
  /** When it is resolved by itself; `null`: never. */
  readonly dueAtMs: number | null;
  readonly endsAs: 'SUCCEEDED' | 'FAILED';
}

/** A node and what it owns. */
export interface NodeRecord {
  readonly name: string;
  readonly privateKeyHex: string;
  readonly balanceMsat: number;
  /** What was given to it from outside; the only source of money here. */
  readonly fundedMsat: number;
}

import { SatwayError } from '@satway/base';

/** What is on disk of one payment that a person made, before its invoice is sent and ever after. */
export interface PaymentRecord {
  readonly version: 1;
  readonly paymentHashHex: string;
  readonly invoice: string;
  readonly amountMsat: number;
  readonly feeLimitMsat: number;
  readonly invoiceExpiresAtMs: number;
  /** The wallet that was asked last; only it knows the payment. */
  readonly walletIdentity: string;
  /** When it was first written down, by the clock of this machine. */
  readonly createdAtMs: number;
  /** `sending` until the wallet said for certain that it settled or failed; a person may end it by hand as one of the last two. */
  readonly state: 'sending' | 'settled' | 'failed' | 'writtenOff' | 'released';
  /** Once the wallet had it in flight or in its records, a missing record proves nothing any more. */
  readonly seenInFlight: boolean;
  /** How many requests may still lie before the wallet: 0 once it has taken up each, or all ended for certain. */
  readonly openSends: number;
  /** How many requests were ever handed to a wallet: of more than one, a record of failure may be that of an older one. */
  readonly totalSends: number;
  /** `null` until it has settled. */
  readonly feeMsat: number | null;
  /** Who ended it by hand, when and why; `null` where nobody did. */
  readonly decision: string | null;
}

const STATES: readonly unknown[] = [
  'sending',
  'settled',
  'failed',
  'writtenOff',
  'released',
] satisfies PaymentRecord['state'][];

const isMsat = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

const FIELDS: Readonly<Record<keyof PaymentRecord, (value: unknown) => boolean>> = {
  version: (value) => value === 1,
  paymentHashHex: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  invoice: (value) => typeof value === 'string',
  amountMsat: isMsat,
  feeLimitMsat: isMsat,
  invoiceExpiresAtMs: isMsat,
  walletIdentity: (value) => typeof value === 'string',
  createdAtMs: isMsat,
  state: (value) => STATES.includes(value),
  seenInFlight: (value) => typeof value === 'boolean',
  openSends: isMsat,
  totalSends: isMsat,
  feeMsat: (value) => value === null || isMsat(value),
  decision: (value) => value === null || typeof value === 'string',
};

/** @throws {SatwayError} `PAYMENT_UNKNOWN` for what is no record of this payment: what was sent is then not known. */
export function parseRecord(text: string, paymentHashHex: string): PaymentRecord {
  const record = parse(text);
  if (isRecord(record) && record.paymentHashHex === paymentHashHex) return record;
  throw new SatwayError('PAYMENT_UNKNOWN', {
    detail:
      'The record of this payment is damaged: ask the wallet itself about it. A person can end it with satway wallet resolve.',
    facts: { paymentHashHex },
  });
}

function isRecord(value: unknown): value is PaymentRecord {
  if (typeof value !== 'object' || value === null) return false;
  const entries = new Map<string, unknown>(Object.entries(value));
  return Object.entries(FIELDS).every(([name, isRight]) => isRight(entries.get(name)));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

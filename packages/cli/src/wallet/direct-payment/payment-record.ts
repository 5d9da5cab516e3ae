import { SatwayError } from '@satway/base';

/** What is on disk of one payment that a person made, before its invoice is sent and ever after. */
export interface PaymentRecord {
  readonly version: 1;
  readonly paymentHashHex: string;
  readonly invoice: string;
  readonly amountMsat: number;
  readonly feeLimitMsat: number;
  readonly invoiceExpiresAtMs: number;
  /** The wallet that was asked; only it knows the payment. */
  readonly walletIdentity: string;
  /** `sending` until the wallet said for certain that it is one of the others. */
  readonly state: 'sending' | 'settled' | 'failed';
  /** Once the wallet had it in flight, a missing record proves nothing any more. */
  readonly seenInFlight: boolean;
  /** How many requests the wallet was handed since the last one that ended for certain. */
  readonly sends: number;
  /** `null` until it has settled. */
  readonly feeMsat: number | null;
}

const isMsat = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

const FIELDS: Readonly<Record<keyof PaymentRecord, (value: unknown) => boolean>> = {
  version: (value) => value === 1,
  paymentHashHex: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  invoice: (value) => typeof value === 'string',
  amountMsat: isMsat,
  feeLimitMsat: isMsat,
  invoiceExpiresAtMs: isMsat,
  walletIdentity: (value) => typeof value === 'string',
  state: (value) => value === 'sending' || value === 'settled' || value === 'failed',
  seenInFlight: (value) => typeof value === 'boolean',
  sends: isMsat,
  feeMsat: (value) => value === null || isMsat(value),
};

/** @throws {SatwayError} `PAYMENT_UNKNOWN` for what is no record of this payment: what was sent is then not known. */
export function parseRecord(text: string, paymentHashHex: string): PaymentRecord {
  const record = parse(text);
  if (isRecord(record) && record.paymentHashHex === paymentHashHex) return record;
  throw new SatwayError('PAYMENT_UNKNOWN', {
    detail: 'The record of this payment is damaged: ask the wallet itself about it.',
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

import type { BitcoinNetwork, InvoicePayer } from '../../wallet.js';
import type { ConformanceNeed } from '../conformance-case.js';
import type { PayerTraits } from '../traits.js';

/** What a payer needs to know of an invoice. */
export interface InvoiceToPay {
  readonly invoice: string;
  /** 64 lower-case hex digits. */
  readonly paymentHashHex: string;
  readonly amountMsat: number;
}

/** A wallet that pays, and what can be done around it. */
export interface PayerSubject {
  readonly payer: InvoicePayer;
  readonly network: BitcoinNetwork;
  readonly traits?: PayerTraits;
  /** The most that each payment may cost in fees; 10 sats where left out. */
  readonly feeLimitMsat?: (amountMsat: number) => number;
  /** An invoice of another wallet, that the payer can reach. */
  readonly createInvoice?: (amountMsat: number, expirySeconds: number) => Promise<InvoiceToPay>;
  /** Cancels an invoice of that other wallet. */
  readonly cancelInvoice?: (paymentHashHex: string) => Promise<void>;
  /** Lets so much time pass by the wallet's clock; real time where left out. */
  readonly passTime?: (ms: number) => Promise<void>;
  /** An invoice whose next payment stays in flight until it is resolved. */
  readonly hold?: {
    createInvoice(amountMsat: number): Promise<InvoiceToPay>;
    resolve(paymentHashHex: string, as: 'settled' | 'failed'): Promise<void>;
  };
}

const DEFAULT_FEE_LIMIT_MSAT = 10_000;

/** The most that a payment of the cases may cost in fees. */
export function feeLimitOf({ feeLimitMsat }: PayerSubject, amountMsat: number): number {
  return feeLimitMsat === undefined ? DEFAULT_FEE_LIMIT_MSAT : feeLimitMsat(amountMsat);
}

/** Whether the subject has what a case needs. */
export function payerHas(subject: PayerSubject, need: ConformanceNeed): boolean {
  switch (need) {
    case 'counterpart':
      return subject.createInvoice !== undefined;
    case 'cancel':
      return subject.cancelInvoice !== undefined;
    case 'hold':
      return subject.hold !== undefined;
    case 'refusesSecondPayment':
      return subject.payer.refusesSecondPayment;
    case 'boundsFees':
      return subject.payer.feeCeilingMsat(1000) !== null;
    case 'onSettled':
      return false;
  }
}

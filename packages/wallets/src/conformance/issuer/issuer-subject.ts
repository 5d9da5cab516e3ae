import type { BitcoinNetwork, InvoiceIssuer, IssuedInvoice } from '../../wallet.js';
import type { ConformanceNeed } from '../conformance-case.js';
import type { IssuerTraits } from '../traits.js';

/** A wallet that receives, and what can be done around it. */
export interface IssuerSubject {
  readonly issuer: InvoiceIssuer;
  /** `null` where nobody knows it before the first invoice. */
  readonly network: BitcoinNetwork | null;
  readonly traits?: IssuerTraits;
  /** Pays an invoice of the issuer in full; done when the payer has the preimage. */
  readonly pay?: (invoice: string) => Promise<void>;
  /** Lets so much time pass by the wallet's clock; real time where left out. */
  readonly passTime?: (ms: number) => Promise<void>;
  /** Cancels an invoice of the issuer. */
  readonly cancel?: (paymentHashHex: string) => Promise<void>;
  /** Begins to pay an ordinary invoice, and is done when the issuer's side holds the money. */
  readonly payAndHold?: (invoice: string) => Promise<void>;
}

/** Whether the subject has what a case needs. */
export function issuerHas(subject: IssuerSubject, need: ConformanceNeed): boolean {
  switch (need) {
    case 'counterpart':
      return subject.pay !== undefined;
    case 'cancel':
      return subject.cancel !== undefined;
    case 'hold':
      return subject.payAndHold !== undefined;
    case 'onSettled':
      return subject.issuer.onSettled !== undefined;
    case 'refusesSecondPayment':
    case 'boundsFees':
      return false;
  }
}

/** A small invoice; 2 sats for 10 minutes unless told otherwise. */
export function createSmall({ issuer }: IssuerSubject, amountMsat = 2000, expirySeconds = 600): Promise<IssuedInvoice> {
  return issuer.create({ amountMsat, description: 'one call', expirySeconds });
}

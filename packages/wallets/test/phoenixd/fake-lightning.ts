import { createHash, randomBytes } from 'node:crypto';
import { encodeInvoice } from '@satway/protocol';

const NODE_KEY = Buffer.alloc(32, 7);

/** What a payee offers. */
export interface FakeInvoice {
  readonly invoice: string;
  readonly paymentHashHex: string;
  readonly amountMsat: number;
}

interface Payee {
  readonly preimageHex: string;
  readonly amountMsat: number | null;
  readonly expiresAtMs: number;
  readonly credit: (amountMsat: number) => void;
  state: 'open' | 'paid' | 'cancelled';
  holds: boolean;
  decide: ((as: 'settled' | 'failed') => void) | null;
}

export interface InvoiceTerms {
  readonly amountMsat: number | null;
  readonly expirySeconds: number;
  readonly description?: string;
  readonly network?: 'regtest' | 'bitcoin';
}

export type SendResult =
  | { readonly state: 'paid'; readonly preimageHex: string }
  | { readonly state: 'unreachable' | 'rejected' };

/** The network that fake daemons share: payees by payment hash, each of which gives its preimage for its money, once. */
export class FakeLightning {
  readonly #payees = new Map<string, Payee>();
  #aheadMs = 0;
  /** What shops outside of any daemon were paid. */
  paidOutsideMsat = 0;
  /** What the node between all of them took. */
  feesMsat = 0;

  now = (): number => Date.now() + this.#aheadMs;

  advance(byMs: number): void {
    this.#aheadMs += byMs;
  }

  /** An invoice of a shop that is no daemon of ours. */
  createInvoice(terms: InvoiceTerms, { holds = false } = {}): FakeInvoice {
    const credit = (amountMsat: number): void => void (this.paidOutsideMsat += amountMsat);
    return { ...this.offer(terms, credit, holds), amountMsat: terms.amountMsat ?? 0 };
  }

  /** Signs an invoice, and expects its payment. */
  offer(terms: InvoiceTerms, credit: (amountMsat: number) => void, holds = false) {
    const preimageHex = randomBytes(32).toString('hex');
    const paymentHashHex = createHash('sha256').update(Buffer.from(preimageHex, 'hex')).digest('hex');
    const timestampSeconds = Math.floor(this.now() / 1000);
    const { amountMsat, expirySeconds } = terms;
    const invoice = encodeInvoice(
      {
        network: terms.network ?? 'regtest',
        amountMsat: amountMsat === null ? null : BigInt(amountMsat),
        timestampSeconds,
        paymentHashHex,
        paymentSecretHex: randomBytes(32).toString('hex'),
        description: terms.description ?? 'one call',
        expirySeconds,
      },
      NODE_KEY,
    );
    const expiresAtMs = (timestampSeconds + expirySeconds) * 1000;
    this.#payees.set(paymentHashHex, {
      preimageHex,
      amountMsat,
      expiresAtMs,
      credit,
      state: 'open',
      holds,
      decide: null,
    });
    return { invoice, paymentHashHex, preimageHex };
  }

  cancel(paymentHashHex: string): void {
    this.#payee(paymentHashHex).state = 'cancelled';
  }

  /** Ends a payment that is held. */
  resolve(paymentHashHex: string, as: 'settled' | 'failed'): void {
    const payee = this.#payee(paymentHashHex);
    payee.holds = false;
    payee.decide?.(as);
  }

  /** Pays a payee, and waits for its answer. */
  async send(paymentHashHex: string, amountMsat: number): Promise<SendResult> {
    const payee = this.#payees.get(paymentHashHex);
    if (payee === undefined) return { state: 'unreachable' };
    if (payee.state !== 'open' || payee.expiresAtMs <= this.now()) return { state: 'rejected' };
    if (payee.amountMsat !== null && amountMsat < payee.amountMsat) return { state: 'rejected' };
    if (payee.holds) {
      const as = await new Promise<'settled' | 'failed'>((resolve) => (payee.decide = resolve));
      if (as === 'failed') return { state: 'rejected' };
    }
    payee.state = 'paid';
    payee.credit(amountMsat);
    return { state: 'paid', preimageHex: payee.preimageHex };
  }

  #payee(paymentHashHex: string): Payee {
    const payee = this.#payees.get(paymentHashHex);
    if (payee === undefined) throw new Error(`There is no payee for ${paymentHashHex}.`);
    return payee;
  }
}

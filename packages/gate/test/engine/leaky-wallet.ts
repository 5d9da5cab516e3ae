import { createHash, randomBytes } from 'node:crypto';
import { encodeInvoice } from '@satway/protocol';
import type { InvoiceIssuer, InvoiceRequest, InvoiceState, IssuedInvoice } from '@satway/wallets';

interface Issued {
  readonly preimageHex: string;
  readonly amountMsat: number;
  state: InvoiceState;
}

/** A wallet whose preimages anybody can have, as some wallets show them while an invoice is open. */
export class LeakyWallet implements InvoiceIssuer {
  readonly preimageIsProof: boolean;
  readonly network = 'regtest';
  /** Payment hashes that were asked for, in order. */
  readonly asked: string[] = [];
  /** Awaited within each look-up. */
  beforeAnswer: () => Promise<void> = () => Promise.resolve();
  readonly #issued = new Map<string, Issued>();
  readonly #key = randomBytes(32);

  constructor(preimageIsProof = false) {
    this.preimageIsProof = preimageIsProof;
  }

  create({ amountMsat, description, expirySeconds }: InvoiceRequest): Promise<IssuedInvoice> {
    const preimageHex = randomBytes(32).toString('hex');
    const paymentHashHex = createHash('sha256').update(preimageHex, 'hex').digest('hex');
    const createdAtMs = Math.floor(Date.now() / 1_000) * 1_000;
    const content = { network: 'regtest', amountMsat: BigInt(amountMsat), description, expirySeconds } as const;
    const secrets = { paymentHashHex, paymentSecretHex: randomBytes(32).toString('hex') };
    const invoice = encodeInvoice({ ...content, ...secrets, timestampSeconds: createdAtMs / 1_000 }, this.#key);
    const expiresAtMs = createdAtMs + expirySeconds * 1_000;
    this.#issued.set(paymentHashHex, { preimageHex, amountMsat, state: { state: 'open', expiresAtMs } });
    return Promise.resolve({ invoice, paymentHashHex, amountMsat, createdAtMs, expiresAtMs });
  }

  async lookUp(paymentHashHex: string): Promise<InvoiceState> {
    this.asked.push(paymentHashHex);
    await this.beforeAnswer();
    return this.#issued.get(paymentHashHex)?.state ?? { state: 'notFound' };
  }

  leak(paymentHashHex: string): string {
    return this.#of(paymentHashHex).preimageHex;
  }

  put(paymentHashHex: string, state: InvoiceState): void {
    this.#of(paymentHashHex).state = state;
  }

  /** Credits what was asked for, or another amount. */
  settle(paymentHashHex: string, amountReceivedMsat = this.#of(paymentHashHex).amountMsat): void {
    this.put(paymentHashHex, { state: 'settled', amountReceivedMsat, settledAtMs: null });
  }

  isCredited(paymentHashHex: string): boolean {
    const { state, amountMsat } = this.#of(paymentHashHex);
    return state.state === 'settled' && state.amountReceivedMsat >= amountMsat;
  }

  #of(paymentHashHex: string): Issued {
    const issued = this.#issued.get(paymentHashHex);
    if (issued === undefined) throw new TypeError('the wallet made no such invoice');
    return issued;
  }
}

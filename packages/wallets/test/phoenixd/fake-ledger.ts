import { randomUUID } from 'node:crypto';
import { readOwnInvoice } from '@satway/protocol';
import type { FakeLightning } from './fake-lightning.js';

export interface IncomingRecord {
  readonly paymentHash: string;
  readonly preimage: string;
  readonly description: string;
  readonly externalId: string | null;
  readonly invoice: string;
  readonly requestedMsat: number | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  receivedMsat: number;
  feesMsat: number;
  completedAt: number | null;
}

export interface OutgoingRecord {
  readonly id: string;
  readonly paymentHash: string;
  readonly invoice: string;
  readonly amountMsat: number;
  readonly createdAt: number;
  status: 'pending' | 'failed' | 'succeeded';
  preimage: string | null;
  feesMsat: number;
  completedAt: number | null;
}

export type PaymentResult = { readonly paid: OutgoingRecord } | { readonly reason: string };

const REASON = {
  unreachable: 'recipient node is offline or unreachable',
  rejected: 'recipient node rejected the payment',
} as const;
const RANK = { succeeded: 3, pending: 2, failed: 1 } as const;

/** The books of one fake daemon; they outlive its server, as its database does. */
export class FakeLedger {
  readonly incoming = new Map<string, IncomingRecord>();
  readonly outgoing: OutgoingRecord[] = [];
  readonly #lightning: FakeLightning;
  balanceMsat: number;
  /** What it takes out of the next payment that comes in, to buy liquidity. */
  nextLiquidityFeeMsat = 0;
  onReceived: (record: IncomingRecord) => void = () => undefined;

  constructor(lightning: FakeLightning, balanceMsat: number) {
    this.#lightning = lightning;
    this.balanceMsat = balanceMsat;
  }

  createInvoice(terms: {
    amountMsat: number | null;
    description: string;
    expirySeconds: number;
    externalId: string | null;
  }): IncomingRecord {
    const createdAt = this.#lightning.now();
    const offered = this.#lightning.offer(terms, (amountMsat) => this.#receive(offered.paymentHashHex, amountMsat));
    const record: IncomingRecord = {
      paymentHash: offered.paymentHashHex,
      preimage: offered.preimageHex,
      description: terms.description,
      externalId: terms.externalId,
      invoice: offered.invoice,
      requestedMsat: terms.amountMsat,
      createdAt,
      expiresAt: createdAt + terms.expirySeconds * 1000,
      receivedMsat: 0,
      feesMsat: 0,
      completedAt: null,
    };
    this.incoming.set(record.paymentHash, record);
    return record;
  }

  #receive(paymentHash: string, amountMsat: number): void {
    const record = this.incoming.get(paymentHash);
    if (record === undefined) throw new Error('There is no such invoice.');
    record.feesMsat = this.nextLiquidityFeeMsat;
    record.receivedMsat = amountMsat - record.feesMsat;
    record.completedAt = this.#lightning.now();
    this.balanceMsat += record.receivedMsat;
    this.#lightning.feesMsat += record.feesMsat;
    this.nextLiquidityFeeMsat = 0;
    this.onReceived(record);
  }

  /** 4 sat and 0.4 %, rounded down; written down before it is sent. A payment in flight does not stop another. */
  async pay(invoice: string, overrideMsat: number | null): Promise<PaymentResult> {
    const read = readOwnInvoice(invoice);
    if (!read.ok) throw new Error('The invoice was read before.');
    const { paymentHashHex: paymentHash } = read.value;
    const amountMsat = overrideMsat ?? Number(read.value.amountMsat);
    if (amountMsat <= 0) return { reason: 'payment amount must be positive' };
    if (this.byHash(paymentHash)?.status === 'succeeded') return { reason: 'this invoice has already been paid' };
    const record = this.#write(paymentHash, invoice, amountMsat);
    const feesMsat = 4000 + Number((BigInt(amountMsat) * 4000n) / 1_000_000n);
    if (amountMsat + feesMsat > this.balanceMsat) {
      return this.#fail(record, 'not enough funds in wallet to afford payment');
    }
    this.balanceMsat -= amountMsat + feesMsat;
    const sent = await this.#lightning.send(paymentHash, amountMsat);
    if (sent.state !== 'paid') {
      this.balanceMsat += amountMsat + feesMsat;
      return this.#fail(record, REASON[sent.state]);
    }
    this.#lightning.feesMsat += feesMsat;
    const completedAt = this.#lightning.now();
    Object.assign(record, { status: 'succeeded', preimage: sent.preimageHex, feesMsat, completedAt });
    return { paid: record };
  }

  #write(paymentHash: string, invoice: string, amountMsat: number): OutgoingRecord {
    const record: OutgoingRecord = {
      id: randomUUID(),
      paymentHash,
      invoice,
      amountMsat,
      createdAt: this.#lightning.now(),
      status: 'pending',
      preimage: null,
      feesMsat: 0,
      completedAt: null,
    };
    this.outgoing.push(record);
    return record;
  }

  #fail(record: OutgoingRecord, reason: string): PaymentResult {
    record.status = 'failed';
    record.completedAt = this.#lightning.now();
    return { reason };
  }

  /** The one that got furthest. */
  byHash(paymentHash: string): OutgoingRecord | null {
    const records = this.outgoing.filter((record) => record.paymentHash === paymentHash);
    return records.sort((one, other) => RANK[other.status] - RANK[one.status])[0] ?? null;
  }
}

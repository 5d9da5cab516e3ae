import type { InvoiceRecord, PaymentRecord } from '../ledger/index.js';
import { pubkeyHexOf } from './node-keys.js';
import { ROUTING_ACCOUNT, type SandboxLightning } from './lightning.js';

/** One invoice as the books show it; without the preimage, which is the payer's proof. */
export interface BookedInvoice {
  readonly paymentHashHex: string;
  readonly state: InvoiceRecord['state'];
  readonly amountMsat: number | null;
  readonly amountReceivedMsat: number;
  readonly description: string;
  readonly invoice: string;
  readonly settledAtMs: number | null;
}

/** One payment as the books show it. The preimage is there once it is settled. */
export interface BookedPayment {
  readonly paymentHashHex: string;
  readonly state: PaymentRecord['state'];
  readonly amountMsat: number;
  readonly feeMsat: number;
  readonly failureReason: PaymentRecord['failureReason'];
  readonly preimageHex: string | null;
  readonly createdAtMs: number;
  readonly resolvedAtMs: number | null;
}

export interface NodeBooks {
  readonly name: string;
  readonly pubkeyHex: string;
  readonly balanceMsat: number;
  readonly fundedMsat: number;
  /** Left the balance, and is neither settled nor back. */
  readonly inFlightMsat: number;
  readonly invoices: readonly BookedInvoice[];
  readonly payments: readonly BookedPayment[];
}

/**
 * Everything that the network knows, for tests and for whoever is curious. Always: the balances, what is in flight and the routing fees add up
 * to what was funded.
 */
export interface SandboxBooks {
  readonly nodes: readonly NodeBooks[];
  readonly routingFeesMsat: number;
  readonly fundedMsat: number;
}

export function booksOf(lightning: SandboxLightning): SandboxBooks {
  const nodes = lightning.nodes().map(({ name, privateKeyHex, balanceMsat, fundedMsat }) => {
    const payments = lightning.listPayments(name);
    return {
      name,
      pubkeyHex: pubkeyHexOf(privateKeyHex),
      balanceMsat,
      fundedMsat,
      inFlightMsat: sum(
        payments.filter(({ state }) => state === 'IN_FLIGHT').map((one) => one.amountMsat + one.feeMsat),
      ),
      invoices: lightning.listInvoices(name).map(bookedInvoice),
      payments: payments.map(bookedPayment),
    };
  });
  const routingFeesMsat = lightning.node(ROUTING_ACCOUNT).balanceMsat;
  return { nodes, routingFeesMsat, fundedMsat: sum(nodes.map(({ fundedMsat }) => fundedMsat)) };
}

function bookedInvoice(record: InvoiceRecord): BookedInvoice {
  const { paymentHashHex, state, amountMsat, amountReceivedMsat, description, invoice, settledAtMs } = record;
  return { paymentHashHex, state, amountMsat, amountReceivedMsat, description, invoice, settledAtMs };
}

function bookedPayment(record: PaymentRecord): BookedPayment {
  const { paymentHashHex, state, amountMsat, feeMsat, failureReason, preimageHex, createdAtMs, resolvedAtMs } = record;
  return { paymentHashHex, state, amountMsat, feeMsat, failureReason, preimageHex, createdAtMs, resolvedAtMs };
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

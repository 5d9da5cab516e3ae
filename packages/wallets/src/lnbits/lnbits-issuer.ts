import { type BitcoinNetwork, readOwnInvoice } from '@satway/protocol';
import type { InvoiceState, ReceivingWallet } from '../wallet.js';
import { LnbitsConnection, type LnbitsConnectionOptions } from './connection.js';
import { createInvoice } from './create-invoice.js';
import { inspectConnection } from './inspect-lnbits.js';
import { LastLooks } from './last-looks.js';
import { invalid } from './lnbits-error.js';
import { readOpenInvoices } from './open-invoices.js';
import { type OwnRow, readOwnRow } from './own-row.js';

/** How to reach a wallet that issues invoices; its invoice key is enough, and better. */
export interface LnbitsIssuerOptions extends LnbitsConnectionOptions {
  /** Refuses invoices of any other network; learned from the first invoice where left out. */
  readonly network?: BitcoinNetwork;
}

/**
 * Issues invoices with one wallet of an LNbits instance. Opens no connection until it is asked.
 *
 * LNbits counts in satoshis: an amount that is no whole number of them is refused with `WALLET_REFUSED`, and never rounded. It shows the preimage of an unpaid
 * invoice to whoever has the key, and to whoever pays an expired one inside the instance; so `preimageIsProof` is false, and preimages are
 * not read here. There is no `onSettled`: anybody can post into the WebSocket of LNbits, and a look-up is what it would take to believe it.
 *
 * Each invoice is looked up twice shortly before it expires, until the wallet is closed: what was paid while LNbits did not listen is credited by a look-up, and never
 * after the expiry. Those that an earlier process made are among them, once the wallet was inspected or has made the first one here.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED` for a URL or a key that cannot be used.
 */
export function createLnbitsIssuer(options: LnbitsIssuerOptions): ReceivingWallet {
  const connection = new LnbitsConnection(options);
  const lookUp = async (paymentHashHex: string): Promise<InvoiceState> => {
    const row = await readOwnRow(connection, paymentHashHex);
    return row === null ? { state: 'notFound' } : invoiceState(row, paymentHashHex);
  };
  const lastLooks = new LastLooks(lookUp);
  const takeOver = onceDone(async () => {
    const found = await readOpenInvoices(connection);
    for (const { paymentHashHex, lastsMs } of found) {
      if (!lastLooks.has(paymentHashHex)) lastLooks.add(paymentHashHex, lastsMs);
    }
  });
  let network: BitcoinNetwork | null = options.network ?? null;
  return {
    kind: 'lnbits',
    preimageIsProof: false,
    async inspect() {
      const inspection = await inspectConnection(connection, options.network ?? null);
      takeOver();
      return inspection;
    },
    async close() {
      lastLooks.close();
      await connection.close();
    },
    receivableMsat: async () => null,
    get network() {
      return network;
    },
    async create(request) {
      const { issued, network: invoiceNetwork } = await createInvoice(connection, request, network);
      network = invoiceNetwork;
      lastLooks.add(issued.paymentHashHex, issued.expiresAtMs - issued.createdAtMs);
      takeOver();
      return issued;
    },
    async lookUp(paymentHashHex) {
      const found = await lookUp(paymentHashHex);
      if (found.state === 'settled' || found.state === 'closed') lastLooks.remove(paymentHashHex);
      return found;
    },
  };
}

/** Does something in the background, until it has gone well once and never twice at a time. */
function onceDone(work: () => Promise<void>): () => void {
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    void work().catch(() => (isOver = false));
  };
}

function invoiceState(row: OwnRow, paymentHashHex: string): InvoiceState {
  // A payment of this wallet's; an invoice that it paid to itself shows only that side.
  if (row.amountMsat < 0) return { state: 'notFound' };
  switch (row.status) {
    case 'success':
      return { state: 'settled', amountReceivedMsat: row.amountMsat, settledAtMs: null };
    case 'failed':
      return { state: 'closed' };
    default:
      return { state: 'open', expiresAtMs: expiryOf(row, paymentHashHex) };
  }
}

function expiryOf({ invoice }: OwnRow, paymentHashHex: string): number {
  const read = readOwnInvoice(invoice);
  if (read.ok && read.value.paymentHashHex === paymentHashHex) return read.value.expiresAtMs;
  throw invalid('The invoice of the row cannot be read.');
}

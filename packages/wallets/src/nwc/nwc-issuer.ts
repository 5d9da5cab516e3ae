import { SatwayError } from '@satway/base';
import { checkInvoiceRequest, checkPaymentHash, textOf, readIssuedInvoice } from '../rest/index.js';
import { OpenInvoices } from '../settlements/index.js';
import type { BitcoinNetwork, InvoiceState, ReceivingWallet } from '../wallet.js';
import { inspectService } from './inspect-nwc.js';
import { type NwcConnectionOptions, NwcService, refusedCall } from './nwc-service.js';
import { followSettlements } from './settlements.js';
import { type NwcTransaction, readTransaction } from './transaction.js';

/** How to reach a wallet that issues invoices over Nostr Wallet Connect; a connection that cannot pay is enough, and better. */
export type NwcIssuerOptions = NwcConnectionOptions & {
  /** Refuses invoices of any other network; learned from the first invoice where left out. */
  readonly network?: BitcoinNetwork;
};

/**
 * Issues invoices over Nostr Wallet Connect. Opens no connection until it is asked.
 *
 * Needs `make_invoice` and `lookup_invoice`; uses notifications where the wallet offers them.
 *
 * `preimageIsProof` is false: `make_invoice` and `lookup_invoice` may show the preimage of an invoice that nobody has paid ("optional if unpaid"), and
 * so may `list_transactions`, to every connection of the wallet and to the service behind it. So the seller asks before the first use. It is
 * never read here.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED` for a URI that cannot be read.
 */
export function createNwcIssuer(options: NwcIssuerOptions): ReceivingWallet {
  const service = new NwcService(options);
  const open = new OpenInvoices();
  let network: BitcoinNetwork | null = options.network ?? null;
  const lookUp = (paymentHashHex: string): Promise<InvoiceState> => lookUpInvoice(service, paymentHashHex);
  return {
    kind: 'nwc',
    preimageIsProof: false,
    inspect: () => inspectService(service),
    close: () => service.close(),
    receivableMsat: async () => null,
    get network() {
      return network;
    },
    async create(request) {
      checkInvoiceRequest(request);
      const { amountMsat, description, expirySeconds } = request;
      const made = await service.call('make_invoice', { amount: amountMsat, description, expiry: expirySeconds });
      const told = { invoice: textOf(made, 'invoice') ?? '', paymentHashHex: textOf(made, 'payment_hash') };
      const { issued, network: invoiceNetwork } = readIssuedInvoice(told, request, network);
      network = invoiceNetwork;
      open.add(issued.paymentHashHex, issued.expiresAtMs - issued.createdAtMs);
      return issued;
    },
    lookUp,
    onSettled: (listener) => followSettlements({ service, open, lookUp }, listener),
  };
}

async function lookUpInvoice(service: NwcService, paymentHashHex: string): Promise<InvoiceState> {
  checkPaymentHash(paymentHashHex);
  const { reply, answeredAtMs } = await service.ask('lookup_invoice', { payment_hash: paymentHashHex });
  if (!reply.ok) {
    if (reply.code === 'NOT_FOUND') return { state: 'notFound' };
    throw refusedCall('lookup_invoice', reply);
  }
  const transaction = readTransaction(reply.result);
  if (transaction === null || transaction.paymentHashHex !== paymentHashHex)
    throw invalid('it is not the one asked for');
  // A payment of ours to somebody else's invoice of that hash.
  if (transaction.isOutgoing === true) return { state: 'notFound' };
  return invoiceState(transaction, answeredAtMs);
}

/** An older wallet names no state: then `settled_at` says that it is paid, and the wallet's own clock that it has expired. */
function invoiceState(transaction: NwcTransaction, walletNowMs: number): InvoiceState {
  const { state, settledAtSeconds, amountMsat } = transaction;
  if (state === 'settled' || (state === null && settledAtSeconds !== null)) {
    if (amountMsat === null || amountMsat < 0) throw invalid('its amount cannot be read');
    const settledAtMs = settledAtSeconds === null ? null : settledAtSeconds * 1000;
    return { state: 'settled', amountReceivedMsat: amountMsat, settledAtMs };
  }
  if (state === 'accepted') return { state: 'held' };
  if (state === 'failed' || state === 'expired') return { state: 'closed' };
  const expiresAtMs = expiryOf(transaction);
  return expiresAtMs <= walletNowMs ? { state: 'closed' } : { state: 'open', expiresAtMs };
}

function expiryOf({ expiresAtSeconds }: NwcTransaction): number {
  if (expiresAtSeconds === null) throw invalid('it does not say when it expires');
  return expiresAtSeconds * 1000;
}

function invalid(detail: string): SatwayError {
  return new SatwayError('WALLET_ANSWER_INVALID', { detail: `lookup_invoice: ${detail}.` });
}

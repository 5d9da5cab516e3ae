import { SatwayError } from '@satway/base';
import type { BitcoinNetwork } from '@satway/protocol';
import { checkInvoiceRequest, readIssuedInvoice, textOf } from '../rest/index.js';
import { OpenInvoices } from '../settlements/index.js';
import type { InvoiceRequest, InvoiceState, ReceivingWallet } from '../wallet.js';
import { lookUpIncoming } from './incoming-payment.js';
import { inspectOver } from './inspect-phoenixd.js';
import { askNodeInfo } from './node-info.js';
import { PhoenixdApi, type PhoenixdConnectionOptions } from './phoenixd-api.js';
import { followSettlements } from './settlements.js';

/** How to reach a phoenixd that issues invoices; its limited password is enough, and better. */
export interface PhoenixdIssuerOptions extends PhoenixdConnectionOptions {
  /** Refuses invoices of any other network; learned from the first invoice where left out. */
  readonly network?: BitcoinNetwork;
}

/** What phoenixd counts with Kotlin's `String.length`, which is JavaScript's too. */
const LONGEST_DESCRIPTION = 128;

/**
 * Issues invoices with a phoenixd over its HTTP API. Opens no connection until it is asked.
 *
 * In whole satoshis only, and with a description of at most 128 characters: `WALLET_REFUSED` for others, before anything is sent.
 *
 * `preimageIsProof` is false: `payments/incoming` shows the preimage of an invoice to both passwords before it is paid, so that whoever may read can
 * forge a proof. `onSettled` listens at its WebSocket.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED` for a URL or password that cannot be used.
 */
export function createPhoenixdIssuer(options: PhoenixdIssuerOptions): ReceivingWallet {
  const api = new PhoenixdApi(options);
  const open = new OpenInvoices();
  const following = new Set<() => void>();
  const lookUp = (paymentHashHex: string): Promise<InvoiceState> => lookUpIncoming(api, paymentHashHex);
  let network: BitcoinNetwork | null = options.network ?? null;
  return {
    kind: 'phoenixd',
    preimageIsProof: false,
    get network() {
      return network;
    },
    async create(request) {
      checkInvoiceRequest(request);
      const form = invoiceForm(request);
      const created = await api.call({ method: 'POST', path: '/createinvoice', form });
      const told = {
        invoice: textOf(created, 'serialized') ?? '',
        paymentHashHex: textOf(created, 'paymentHash') ?? '',
      };
      const { issued, network: invoiceNetwork } = readIssuedInvoice(told, request, network);
      network = invoiceNetwork;
      open.add(issued.paymentHashHex, issued.expiresAtMs - issued.createdAtMs);
      return issued;
    },
    lookUp,
    onSettled(listener) {
      const stop = followSettlements({ api, open, lookUp }, listener);
      following.add(stop);
      return () => {
        following.delete(stop);
        stop();
      };
    },
    // More than this phoenixd can take too, for the price of a larger channel.
    receivableMsat: async () => (await askNodeInfo(api)).inboundLiquidityMsat,
    inspect: () => inspectOver(api),
    async close() {
      for (const stop of following) stop();
      api.close();
    },
  };
}

function invoiceForm({ amountMsat, description, expirySeconds }: InvoiceRequest): Readonly<Record<string, string>> {
  if (amountMsat % 1000 !== 0) throw refused('phoenixd issues invoices in whole satoshis only.');
  if (description.length > LONGEST_DESCRIPTION) {
    throw refused(`phoenixd takes a description of at most ${LONGEST_DESCRIPTION} characters.`);
  }
  return { amountSat: String(amountMsat / 1000), description, expirySeconds: String(expirySeconds) };
}

function refused(detail: string): SatwayError {
  return new SatwayError('WALLET_REFUSED', { detail });
}

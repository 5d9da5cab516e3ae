import { SatwayError } from '@satway/base';
import type { BitcoinNetwork } from '@satway/protocol';
import {
  checkInvoiceRequest,
  checkPaymentHash,
  hexOfBytes,
  integerOf,
  type Json,
  readIssuedInvoice,
  textOf,
} from '../rest/index.js';
import type { InvoiceRequest, InvoiceState, ReceivingWallet } from '../wallet.js';
import { inspectLnd } from './inspection/index.js';
import { channelBalanceMsat } from './channel-balance.js';
import { isMissingPermission, lndErrorOf } from './lnd-error.js';
import { type LndAnswer, type LndConnectionOptions, LndRest } from './lnd-rest.js';
import { OpenInvoices } from '../settlements/index.js';
import { followSettlements } from './settlements.js';

/** How to reach an LND that issues invoices; an invoice-only macaroon is enough, and better. */
export type LndIssuerOptions = LndConnectionOptions & {
  /** Refuses invoices of any other network; learned from the first invoice where left out. */
  readonly network?: BitcoinNetwork;
  /** Puts the node's private channels into the invoice as route hints. */
  readonly privateChannels?: boolean;
};

/**
 * Issues invoices with an LND over its REST interface. Opens no connection until it is asked.
 *
 * Needs `/lnrpc.Lightning/AddInvoice`, `LookupInvoice` and, for `onSettled`, `SubscribeInvoices`; `receivableMsat` also `ChannelBalance`. The preimage, which LND shows with an open
 * invoice to whoever may read invoices, is never read here.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED` for a macaroon, certificate or fingerprint that cannot be read.
 */
export function createLndIssuer(options: LndIssuerOptions): ReceivingWallet {
  const rest = new LndRest(options);
  const open = new OpenInvoices();
  const following = new Set<() => void>();
  let network: BitcoinNetwork | null = options.network ?? null;
  const closeAll = (): Promise<void> => {
    for (const stop of following) stop();
    following.clear();
    return rest.close();
  };
  const lookUp = async (paymentHashHex: string): Promise<InvoiceState> => {
    checkPaymentHash(paymentHashHex);
    const found = await rest.call('GET', `/v1/invoice/${paymentHashHex}`, { expected: unknownInvoice });
    return found === UNKNOWN ? { state: 'notFound' } : invoiceState(found, paymentHashHex);
  };
  return {
    kind: 'lnd',
    preimageIsProof: true,
    inspect: () => inspectLnd(options),
    close: () => closeAll(),
    receivableMsat: () => receivableMsat(rest),
    get network() {
      return network;
    },
    async create(request) {
      checkInvoiceRequest(request);
      const added = await rest.call('POST', '/v1/invoices', { body: invoiceBody(request, options.privateChannels) });
      const told = {
        invoice: textOf(added, 'payment_request') ?? '',
        paymentHashHex: hexOfBytes(added, 'r_hash') ?? '',
      };
      const { issued, network: invoiceNetwork } = readIssuedInvoice(told, request, network);
      network = invoiceNetwork;
      open.add(issued.paymentHashHex, issued.expiresAtMs - issued.createdAtMs);
      return issued;
    },
    lookUp,
    onSettled(listener) {
      const stop = followSettlements({ rest, open, lookUp }, listener);
      following.add(stop);
      return () => {
        following.delete(stop);
        stop();
      };
    },
  };
}

/** What the other sides of all channels could send, their reserves included; `null` where the macaroon may not ask. */
async function receivableMsat(rest: LndRest): Promise<number | null> {
  try {
    return await channelBalanceMsat(rest, 'remote_balance');
  } catch (error) {
    if (isMissingPermission(error)) return null;
    throw error;
  }
}

function invoiceBody(request: InvoiceRequest, privateChannels: boolean | undefined): Json {
  return {
    value_msat: String(request.amountMsat),
    memo: request.description,
    expiry: String(request.expirySeconds),
    ...(privateChannels === true ? { private: true } : {}),
  };
}

const UNKNOWN = Symbol('unknown invoice');
const UNKNOWN_INVOICE_MESSAGES = ['unable to locate invoice', 'there are no existing invoices'];

/** A 404 alone is also what a wrong path gets; only LND's own words count. */
function unknownInvoice({ status, json }: LndAnswer): typeof UNKNOWN | null {
  const error = lndErrorOf(json);
  return status === 404 && error !== null && UNKNOWN_INVOICE_MESSAGES.includes(error.message) ? UNKNOWN : null;
}

function invoiceState(json: Json, paymentHashHex: string): InvoiceState {
  if (hexOfBytes(json, 'r_hash') !== paymentHashHex) throw invalid('it is another invoice than the one asked for');
  switch (textOf(json, 'state')) {
    case 'OPEN':
      return { state: 'open', expiresAtMs: (wanted(json, 'creation_date') + wanted(json, 'expiry')) * 1000 };
    case 'ACCEPTED':
      return { state: 'held' };
    case 'SETTLED':
      return { state: 'settled', amountReceivedMsat: wanted(json, 'amt_paid_msat'), settledAtMs: settledAtMs(json) };
    case 'CANCELED':
      return { state: 'closed' };
    default:
      throw invalid('its state is unknown');
  }
}

function settledAtMs(json: Json): number | null {
  const seconds = integerOf(json, 'settle_date') ?? 0;
  return seconds > 0 ? seconds * 1000 : null;
}

function wanted(json: Json, name: string): number {
  const value = integerOf(json, name);
  if (value === null || value < 0) throw invalid(`${name} is no whole number from 0`);
  return value;
}

function invalid(detail: string): SatwayError {
  return new SatwayError('WALLET_ANSWER_INVALID', { detail: `The invoice is not as expected: ${detail}.` });
}

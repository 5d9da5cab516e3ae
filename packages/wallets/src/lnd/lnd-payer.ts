import { SatwayError } from '@satway/base';
import type { BitcoinNetwork } from '@satway/protocol';
import { usualFeeCeilingMsat } from '../fee-ceiling.js';
import type { PayingWallet } from '../wallet.js';
import { channelBalanceMsat } from './channel-balance.js';
import { canLookUpPayments, inspectLnd, readOperations } from './inspection/index.js';
import { type LndConnectionOptions, LndRest } from './lnd-rest.js';
import { identityOf } from './node-identity.js';
import { lookUpPayment, sendPayment } from './paying/index.js';

/** How to reach an LND that pays. */
export type LndPayerOptions = LndConnectionOptions & {
  /** What a payment may cost in fees at most; the larger of 1 sat and 1 % by default. LND is held to the limit of each payment. */
  readonly feeCeilingMsat?: ((amountMsat: number) => number) | undefined;
  /** Refuses to connect to a node on any other network. */
  readonly network?: BitcoinNetwork | undefined;
  /** Into how many parts a payment may be split, from 1; 1 by default, since with several LND can go on for minutes past its time limit. */
  readonly maxParts?: number | undefined;
};

/**
 * Connects to an LND that pays, over its REST interface, and asks who it is.
 *
 * Needs `/routerrpc.Router/SendPaymentV2`, `/routerrpc.Router/TrackPaymentV2`, `/lnrpc.Lightning/GetInfo` and `/lnrpc.Lightning/ChannelBalance`. A macaroon with
 * `/lnrpc.Lightning/SendPaymentSync` instead of the first pays through the older call; one that lacks the second is looked up by `/lnrpc.Lightning/ListPayments`, and where
 * that is missing, too, a payment whose answer is lost stays unknown.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`, with the permission that is missing in `facts.missingPermission`, and `WALLET_NOT_CONFIGURED`.
 */
export async function connectLndPayer(options: LndPayerOptions): Promise<PayingWallet> {
  const maxParts = checkMaxParts(options.maxParts ?? 1);
  const rest = new LndRest(options);
  const { identity, network } = await askWhoItIs(rest, options.network);
  const operations = readOperations(options);
  return {
    kind: 'lnd',
    ...(operations === null ? {} : { canLookUp: canLookUpPayments(operations) }),
    inspect: () => inspectLnd(options),
    close: () => rest.close(),
    identity,
    network,
    // Either way of paying asks the same records of LND by the payment hash.
    refusesSecondPayment: true,
    feeCeilingMsat: options.feeCeilingMsat ?? usualFeeCeilingMsat,
    pay: (request) => sendPayment(rest, request, maxParts),
    lookUp: (paymentHashHex) => lookUpPayment(rest, paymentHashHex),
    balance: async () => ({ spendableMsat: await channelBalanceMsat(rest, 'local_balance') }),
  };
}

/** A failure leaves no connection behind. */
async function askWhoItIs(rest: LndRest, wanted: BitcoinNetwork | undefined): Promise<ReturnType<typeof identityOf>> {
  try {
    const node = identityOf(await rest.call('GET', '/v1/getinfo'));
    if (wanted === undefined || wanted === node.network) return node;
    throw new SatwayError('WALLET_NETWORK_MISMATCH', { detail: `The node is on ${node.network}, not on ${wanted}.` });
  } catch (error) {
    await rest.close();
    throw error;
  }
}

function checkMaxParts(maxParts: number): number {
  if (Number.isSafeInteger(maxParts) && maxParts >= 1 && maxParts <= 1000) return maxParts;
  throw new SatwayError('WALLET_NOT_CONFIGURED', { detail: 'maxParts is a whole number from 1 to 1000.' });
}

import { SatwayError } from '@satway/base';
import type { BitcoinNetwork } from '@satway/protocol';
import { integerOf } from '../rest/index.js';
import type { PayingWallet } from '../wallet.js';
import { phoenixdFeeMsat } from './fees.js';
import { inspectOver } from './inspect-phoenixd.js';
import { askNodeInfo } from './node-info.js';
import { lookUpOutgoing } from './outgoing-payment.js';
import { PhoenixdApi, type PhoenixdConnectionOptions } from './phoenixd-api.js';
import { PaymentSender } from './send-payment.js';

/** How to reach a phoenixd that pays; its limited password cannot. */
export interface PhoenixdPayerOptions extends PhoenixdConnectionOptions {
  /** Refuses to connect to a phoenixd on any other network. */
  readonly network?: BitcoinNetwork;
  /** What phoenixd takes for a payment, in millisatoshis; 4 sat and 0.4 % by default. For a phoenixd whose price is another. */
  readonly feeCeilingMsat?: (amountMsat: number) => number;
  /** Unix milliseconds; an invoice that has expired by it is not sent. The machine's clock by default. */
  readonly clock?: () => number;
}

/**
 * Connects to a phoenixd that pays, over its HTTP API, and asks who it is.
 *
 * - `refusesSecondPayment` is false: versions differ in whether a payment in flight stops another of the same hash. So this adapter asks for the hash
 *   before it sends, and sends nothing where a request for it may have gone out before.
 * - `feeCeilingMsat`: phoenixd takes no limit for its fees from a caller, but it has one price, which is answered here. A payment whose limit is below
 *   that price is refused before it is sent; a fee that turns out higher is told as it is.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`, and `WALLET_NOT_CONFIGURED`.
 */
export async function connectPhoenixdPayer(options: PhoenixdPayerOptions): Promise<PayingWallet> {
  const api = new PhoenixdApi(options);
  const { nodeId, network } = await askNodeInfo(api);
  if (options.network !== undefined && options.network !== network) {
    throw new SatwayError('WALLET_NETWORK_MISMATCH', { detail: `phoenixd is on ${network}.` });
  }
  const feeCeilingMsat = options.feeCeilingMsat ?? phoenixdFeeMsat;
  const sender = new PaymentSender({ api, network, feeMsat: feeCeilingMsat, clock: options.clock ?? Date.now });
  return {
    kind: 'phoenixd',
    identity: nodeId,
    network,
    refusesSecondPayment: false,
    feeCeilingMsat,
    pay: (request) => sender.pay(request),
    lookUp: (paymentHashHex) => lookUpOutgoing(api, paymentHashHex),
    balance: async () => ({ spendableMsat: await askBalanceMsat(api) }),
    inspect: () => inspectOver(api),
    close: async () => api.close(),
  };
}

/** What can be sent over its channels; the fee credit beside it can only pay for liquidity. */
async function askBalanceMsat(api: PhoenixdApi): Promise<number> {
  const balanceSat = integerOf(await api.call({ method: 'GET', path: '/getbalance' }), 'balanceSat');
  if (balanceSat !== null && balanceSat >= 0 && Number.isSafeInteger(balanceSat * 1000)) return balanceSat * 1000;
  throw new SatwayError('WALLET_ANSWER_INVALID', { detail: 'The balance cannot be read.' });
}

import { SatwayError } from '@satway/base';
import type { BitcoinNetwork } from '@satway/protocol';
import { usualFeeCeilingMsat } from '../fee-ceiling.js';
import type { PayingWallet } from '../wallet.js';
import { asObject, integerOf, type Json, textOf } from '../rest/index.js';
import { inspectLnd } from './inspect-lnd.js';
import { type LndConnectionOptions, LndRest } from './lnd-rest.js';
import { sendPayment } from './send-payment.js';
import { trackPayment } from './track-payment.js';

/** How to reach an LND that pays. */
export type LndPayerOptions = LndConnectionOptions & {
  /** What a payment may cost in fees at most; the larger of 1 sat and 1 % by default. LND is held to the limit of each payment. */
  readonly feeCeilingMsat?: (amountMsat: number) => number;
};

/**
 * Connects to an LND that pays, over its REST interface, and asks who it is.
 *
 * Needs `/routerrpc.Router/SendPaymentV2`, `/routerrpc.Router/TrackPaymentV2`, `/lnrpc.Lightning/GetInfo` and `/lnrpc.Lightning/ChannelBalance`.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`, and `WALLET_NOT_CONFIGURED`.
 */
export async function connectLndPayer(options: LndPayerOptions): Promise<PayingWallet> {
  const rest = new LndRest(options);
  const { identity, network } = identityOf(await rest.call('GET', '/v1/getinfo'));
  return {
    kind: 'lnd',
    inspect: () => inspectLnd(options),
    close: async () => undefined,
    identity,
    network,
    refusesSecondPayment: true,
    feeCeilingMsat: options.feeCeilingMsat ?? usualFeeCeilingMsat,
    pay: (request) => sendPayment(rest, request),
    lookUp: (paymentHashHex) => trackPayment(rest, paymentHashHex),
    async balance() {
      return { spendableMsat: localBalanceMsat(await rest.call('GET', '/v1/balance/channels')) };
    },
  };
}

const NETWORKS: Readonly<Record<string, BitcoinNetwork>> = {
  mainnet: 'bitcoin',
  testnet: 'testnet',
  signet: 'signet',
  regtest: 'regtest',
};

function identityOf(info: Json): { identity: string; network: BitcoinNetwork } {
  const identity = textOf(info, 'identity_pubkey') ?? '';
  const chains = info['chains'];
  const chain = asObject(Array.isArray(chains) ? chains[0] : null);
  const network = NETWORKS[textOf(chain ?? {}, 'network') ?? ''];
  if (/^0[23][0-9a-f]{64}$/.test(identity) && network !== undefined) return { identity, network };
  throw new SatwayError('WALLET_ANSWER_INVALID', {
    detail: 'getinfo names no public key, or no network that is known.',
  });
}

/** What the node owns in its channels; the reserve that it must keep is part of it. */
function localBalanceMsat(json: Json): number {
  const balanceMsat = integerOf(asObject(json['local_balance']) ?? {}, 'msat');
  if (balanceMsat !== null) return balanceMsat;
  throw new SatwayError('WALLET_ANSWER_INVALID', { detail: 'The channel balance cannot be read.' });
}

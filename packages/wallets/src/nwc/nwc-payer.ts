import { isSatwayError, SatwayError } from '@satway/base';
import { integerOf, type Json } from '../rest/index.js';
import type { BitcoinNetwork, PayingWallet } from '../wallet.js';
import { type MoneyQuestions, moneyQuestionsOf } from './enough-money.js';
import { inspectService } from './inspect-nwc.js';
import { lookUpPayment } from './look-up-payment.js';
import { agreeOnNetwork, networkOf } from './nwc-network.js';
import { type NwcConnectionOptions, NwcService } from './nwc-service.js';
import { payInvoice } from './pay-invoice.js';

/** How to reach a wallet that pays over Nostr Wallet Connect. */
export type NwcPayerOptions = NwcConnectionOptions & {
  /** Needed where the connection may not ask `get_info`; else it is compared. */
  readonly network?: BitcoinNetwork;
};

/**
 * Connects to a wallet that pays over Nostr Wallet Connect, and asks on which network it is.
 *
 * Needs `pay_invoice`, `lookup_invoice` and `get_balance`, and `get_info` unless the network is given.
 *
 * - `identity` is the connection: the wallet service's public key and ours. Another connection to the same wallet may not see this one's payments,
 *   so it must not resolve them.
 * - `refusesSecondPayment` is false: NIP-47 does not ask it of wallets.
 * - `feeCeilingMsat` is `null`: `pay_invoice` has no fee limit.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`, and `WALLET_NOT_CONFIGURED`.
 */
export async function connectNwcPayer(options: NwcPayerOptions): Promise<PayingWallet> {
  const service = new NwcService(options);
  try {
    return payerOf(service, await askFacts(service, options.network ?? null));
  } catch (error) {
    await service.close();
    throw error;
  }
}

function payerOf(service: NwcService, { network, canLookUp, questions }: ConnectionFacts): PayingWallet {
  const { walletPubkeyHex, key } = service.connection;
  return {
    kind: 'nwc',
    inspect: () => inspectService(service),
    close: () => service.close(),
    identity: `nwc:${walletPubkeyHex}:${key.pubkeyHex}`,
    network,
    ...(canLookUp === null ? {} : { canLookUp }),
    refusesSecondPayment: false,
    feeCeilingMsat: () => null,
    pay: (request) => payInvoice(service, network, request, questions),
    lookUp: (paymentHashHex) => lookUpPayment(service, paymentHashHex),
    async balance() {
      const spendableMsat = integerOf(await service.call('get_balance', {}), 'balance');
      if (spendableMsat !== null && spendableMsat >= 0) return { spendableMsat };
      throw new SatwayError('WALLET_ANSWER_INVALID', { detail: 'The balance cannot be read.' });
    },
  };
}

/** What a connection tells of itself before it pays. */
interface ConnectionFacts {
  readonly network: BitcoinNetwork;
  readonly canLookUp: boolean | null;
  readonly questions: MoneyQuestions;
}

async function askFacts(service: NwcService, configured: BitcoinNetwork | null): Promise<ConnectionFacts> {
  const info = await askInfo(service, configured);
  const network = agreeOnNetwork(info === null ? null : networkOf(info), configured);
  const canLookUp = info === null ? null : mayLookUp(info);
  if (network !== null) return { network, canLookUp, questions: moneyQuestionsOf(info) };
  throw new SatwayError('WALLET_ANSWER_INVALID', {
    detail: 'get_info names no network that is known; name it in the configuration.',
  });
}

/** A connection without `get_info` is as good where the network is configured. */
async function askInfo(service: NwcService, configured: BitcoinNetwork | null): Promise<Json | null> {
  try {
    return await service.call('get_info', {});
  } catch (error) {
    if (configured !== null && isSatwayError(error, 'WALLET_PERMISSION_DENIED')) return null;
    throw error;
  }
}

/** `null` where no methods are listed. */
function mayLookUp({ methods }: Json): boolean | null {
  return Array.isArray(methods) && methods.length > 0 ? methods.includes('lookup_invoice') : null;
}

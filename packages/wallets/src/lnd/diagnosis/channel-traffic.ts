import { SatwayError } from '@satway/base';
import { asObject, integerOf } from '../../rest/index.js';
import { type LndConnectionOptions, LndRest } from '../lnd-rest.js';

/** What has gone through the open channels since they were opened, payments of others that were forwarded included; whole satoshis, as LND counts them. */
export interface LndTraffic {
  readonly sentSats: number;
  readonly receivedSats: number;
}

/**
 * Sums up what LND's open channels have carried, by which one sees whether a node serves more than one purpose. Needs `/lnrpc.Lightning/ListChannels`.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`, and `WALLET_NOT_CONFIGURED`.
 */
export async function readLndTraffic(options: LndConnectionOptions): Promise<LndTraffic> {
  const rest = new LndRest(options);
  try {
    const { channels } = await rest.call('GET', '/v1/channels');
    const list = Array.isArray(channels) ? channels : [];
    return { sentSats: sumOf(list, 'total_satoshis_sent'), receivedSats: sumOf(list, 'total_satoshis_received') };
  } finally {
    await rest.close();
  }
}

function sumOf(channels: readonly unknown[], name: string): number {
  const amounts = channels.map((channel) => integerOf(asObject(channel) ?? {}, name));
  const sum = amounts.reduce<number>((total, amount) => total + (amount ?? Number.NaN), 0);
  if (Number.isSafeInteger(sum)) return sum;
  throw new SatwayError('WALLET_ANSWER_INVALID', { detail: 'The channels cannot be read.' });
}

import { SatwayError } from '@satway/base';
import { asObject, integerOf } from '../rest/index.js';
import type { LndRest } from './lnd-rest.js';

/** One side of all open channels, the reserve that it must keep included. @throws {SatwayError} the codes of `InvoiceIssuer`. */
export async function channelBalanceMsat(rest: LndRest, side: 'local_balance' | 'remote_balance'): Promise<number> {
  const balances = await rest.call('GET', '/v1/balance/channels');
  const balanceMsat = integerOf(asObject(balances[side]) ?? {}, 'msat');
  if (balanceMsat !== null && balanceMsat >= 0) return balanceMsat;
  throw new SatwayError('WALLET_ANSWER_INVALID', { detail: 'The channel balance cannot be read.' });
}

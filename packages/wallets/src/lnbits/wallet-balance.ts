import { SatwayError } from '@satway/base';
import { integerOf } from '../rest/index.js';
import { LnbitsConnection, type LnbitsConnectionOptions } from './connection.js';
import { readWallet } from './inspect-lnbits.js';

/**
 * What the wallet holds, in millisatoshis, as LNbits tells the holder of either key.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED`, and the codes of `InvoiceIssuer`.
 */
export async function readLnbitsBalance(options: LnbitsConnectionOptions): Promise<number> {
  const connection = new LnbitsConnection(options);
  try {
    return await readBalance(connection);
  } finally {
    await connection.close();
  }
}

/** As above, over a connection that stands. */
export async function readBalance(connection: LnbitsConnection): Promise<number> {
  const balance = integerOf(await readWallet(connection), 'balance');
  // A wallet can be overdrawn, by a fee above its reserve; there is nothing to spend then.
  if (balance !== null) return Math.max(0, balance);
  throw new SatwayError('WALLET_ANSWER_INVALID', { detail: 'The balance cannot be read.' });
}

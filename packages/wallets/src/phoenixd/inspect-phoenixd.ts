import type { WalletInspection, WalletRole } from '../wallet.js';
import { askNodeInfo } from './node-info.js';
import { PhoenixdApi, type PhoenixdConnectionOptions } from './phoenixd-api.js';
import { isWrongParameter, isWrongPassword } from './phoenixd-error.js';

/** Calls that pay, which the limited password is refused. */
const PAYING = ['payinvoice', 'payoffer', 'paylnaddress', 'lnurlpay'];
/** Calls that do more than pay over Lightning, which the limited password is refused too. */
const ADMINISTERING = ['sendtoaddress', 'bumpfee', 'closechannel', 'lnurlauth'];
/** Calls of both passwords by which money comes in. */
const RECEIVING = ['createinvoice', 'createoffer', 'lnurlwithdraw'];

const HOW_TO_NARROW: Readonly<Record<WalletRole, string>> = {
  pay: 'phoenixd has no password that pays and does nothing else: run one for this purpose alone, with no more money in it than you are ready to lose, and keep its http-password.',
  receive: 'Use http-password-limited-access from phoenix.conf; it can create invoices and read, not pay.',
  read: 'Use http-password-limited-access from phoenix.conf; phoenixd has none that only reads. It also shows the preimages of unpaid invoices: give it to nobody who buys from you.',
};

/**
 * Asks which of its two passwords this is. Moves nothing: the call that tells is a payment of an invoice that is empty.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`, and `WALLET_NOT_CONFIGURED`.
 */
export async function inspectPhoenixd(options: PhoenixdConnectionOptions): Promise<WalletInspection> {
  const api = new PhoenixdApi(options);
  try {
    return await inspectOver(api);
  } finally {
    api.close();
  }
}

/** See `inspectPhoenixd`. */
export async function inspectOver(api: PhoenixdApi): Promise<WalletInspection> {
  const { network } = await askNodeInfo(api);
  const isFull = await isFullPassword(api);
  const paying = isFull === false ? [] : PAYING;
  const administering = isFull === false ? [] : ADMINISTERING;
  return {
    kind: 'phoenixd',
    network,
    can: { pay: isFull, createInvoice: true, read: true, administer: isFull },
    excess: {
      pay: administering,
      receive: [...paying, ...administering],
      read: [...RECEIVING, ...paying, ...administering],
    },
    howToNarrow: HOW_TO_NARROW,
  };
}

/** phoenixd looks at the password before it looks at the invoice. `null` where it answers something else. */
async function isFullPassword(api: PhoenixdApi): Promise<boolean | null> {
  const answer = await api.ask({ method: 'POST', path: '/payinvoice', form: { invoice: '' } });
  if (isWrongParameter(answer)) return true;
  return isWrongPassword(answer) ? false : null;
}

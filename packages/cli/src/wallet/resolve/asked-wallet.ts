import { isSatwayError, SatwayError } from '@satway/base';
import type { InvoicePayer } from '@satway/wallets';
import { connectReadingWallet, type WalletSettings } from '@satway/wallets/open-wallet';
import { chooseWallet } from '../choose-wallet.js';

/** What is asked what became of a payment. */
export type AskedWallet = Pick<InvoicePayer, 'identity' | 'lookUp'>;

/** Whom to ask of a payment that a wallet of this identity was sent. */
export interface AskedWallets {
  readonly settings: WalletSettings | null;
  readonly walletFor: (identity: string) => AskedWallet;
}

/** Which wallet is meant, and whether a person says that the one that was sent a payment can be asked no more. */
export interface AskedOptions {
  readonly walletFile?: string;
  readonly walletGone?: boolean;
}

/**
 * Connects to the wallet for as long as it is used. Where it takes this credential no more (a connection or a macaroon that has ended, another password, a key that was deleted), and where a person says
 * that the wallet of a payment is gone, nobody can be asked: whoever stands in for it says why at each look-up, so that a person can book the payment as spent. That proves nothing, so nothing else is
 * written down.
 *
 * @throws {SatwayError} what choosing the wallet and connecting to it throw, for any other reason.
 */
export async function withAskedWallets<T>(options: AskedOptions, use: (asked: AskedWallets) => Promise<T>): Promise<T> {
  const isGone = options.walletGone === true;
  const settings = await chosenSettings(options);
  const connected = settings === null ? null : await connectIfAllowed(settings, isGone);
  if (connected === null || isSatwayError(connected))
    return use({ settings, walletFor: (identity) => standIn(identity, isGone ? saidToBeGone() : connected) });
  try {
    const walletFor = (identity: string): AskedWallet =>
      isGone && identity !== connected.identity ? standIn(identity, saidToBeGone()) : connected;
    return await use({ settings, walletFor });
  } finally {
    await connected.close();
  }
}

/** `null` where none is named and none is needed. */
async function chosenSettings({ walletFile, walletGone }: AskedOptions): Promise<WalletSettings | null> {
  try {
    return (await chooseWallet(walletFile, 'pay')).settings;
  } catch (error) {
    if (walletGone === true && isSatwayError(error, 'WALLET_NOT_CONFIGURED')) return null;
    throw error;
  }
}

/** The error where that says why nobody can be asked. */
async function connectIfAllowed(settings: WalletSettings, isGone: boolean) {
  try {
    return await connectReadingWallet(settings);
  } catch (error) {
    if (isSatwayError(error) && (isGone || error.code === 'WALLET_PERMISSION_DENIED')) return error;
    throw error;
  }
}

function standIn(identity: string, why: SatwayError | null): AskedWallet {
  return { identity, lookUp: () => Promise.reject(why ?? saidToBeGone()) };
}

function saidToBeGone(): SatwayError {
  return new SatwayError('WALLET_PERMISSION_DENIED', {
    detail: 'A person says that this wallet, or the credential for it, is gone: it was not asked.',
  });
}

/** Whatever ended a run early says nothing of payments that are open. */
export function whileStillOpen(error: unknown, count: number): unknown {
  if (!isSatwayError(error) || error.fundsMoved !== 'no' || count === 0) return error;
  const { code, detail = '', facts } = error;
  const open = `${count} payment${count === 1 ? ' stays' : 's stay'} without a known end.`;
  return new SatwayError(code, {
    detail: `${detail} ${open}`.trim(),
    fundsMoved: 'unknown',
    facts: { ...facts, openPayments: count },
    cause: error,
  });
}

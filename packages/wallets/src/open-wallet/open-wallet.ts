import type { PayingWallet, ReadingWallet, ReceivingWallet, WalletInspection } from '../wallet.js';
import { loadAdapter, type OpenWalletOptions } from './adapters.js';
import type { WalletSettings } from './wallet-settings.js';

/**
 * Opens the wallet that sells, by its kind. Asks the wallet nothing yet: only its adapter is loaded.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED` where the settings cannot be used. Funds moved: no.
 */
export async function openReceivingWallet(
  settings: WalletSettings,
  options: OpenWalletOptions = {},
): Promise<ReceivingWallet> {
  return (await loadAdapter(settings, options)).openReceiving();
}

/**
 * Connects to the wallet that pays, by its kind, and asks who it is.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED` and the codes of `InvoiceIssuer`. Funds moved: no.
 */
export async function connectPayingWallet(
  settings: WalletSettings,
  options: OpenWalletOptions = {},
): Promise<PayingWallet> {
  return (await loadAdapter(settings, options)).connectPaying();
}

/**
 * Connects to the wallet that pays to look at it only: who it is, its balance, its payments. Creates nothing, where connecting for a payment may have to make an invoice to learn the
 * network (LNbits).
 *
 * @throws {SatwayError} as `connectPayingWallet`.
 */
export async function connectReadingWallet(
  settings: WalletSettings,
  options: OpenWalletOptions = {},
): Promise<ReadingWallet> {
  return (await loadAdapter(settings, options)).connectReading();
}

/**
 * Asks the wallet what the credential in the settings allows; any credential will do. Moves nothing and creates nothing.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED` and the codes of `InvoiceIssuer`. Funds moved: no.
 */
export async function inspectWallet(
  settings: WalletSettings,
  options: OpenWalletOptions = {},
): Promise<WalletInspection> {
  return (await loadAdapter(settings, options)).inspect();
}

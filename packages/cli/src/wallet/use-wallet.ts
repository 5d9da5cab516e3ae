import type { PayingWallet, ReadingWallet, ReceivingWallet, WalletRole } from '@satway/wallets';
import {
  connectPayingWallet,
  connectReadingWallet,
  openReceivingWallet,
  type WalletSettings,
} from '@satway/wallets/open-wallet';
import type { Output } from '../output/index.js';
import { chooseWallet } from './choose-wallet.js';

/** The options that every command with a wallet has. */
export interface WalletOptions {
  readonly walletFile?: string;
  readonly json?: boolean;
}

/** Reads which wallet is meant, and tells what is careless about it. @throws {SatwayError} `WALLET_NOT_CONFIGURED`, `CONFIG_…`. */
export async function readWallet(
  options: WalletOptions,
  role: WalletRole | null,
  output: Output,
): Promise<WalletSettings> {
  const { settings, warnings } = await chooseWallet(options.walletFile, role);
  for (const warning of warnings) output.warn(warning);
  return settings;
}

/** Connects to the wallet that pays for as long as it is used. */
export async function withPayingWallet<T>(
  settings: WalletSettings,
  use: (wallet: PayingWallet) => Promise<T>,
): Promise<T> {
  const wallet = await connectPayingWallet(settings);
  try {
    return await use(wallet);
  } finally {
    await wallet.close();
  }
}

/** Connects to the wallet that pays to look at it only, which creates nothing in it. */
export async function withReadingWallet<T>(
  settings: WalletSettings,
  use: (wallet: ReadingWallet) => Promise<T>,
): Promise<T> {
  const wallet = await connectReadingWallet(settings);
  try {
    return await use(wallet);
  } finally {
    await wallet.close();
  }
}

/** Opens the wallet that is paid for as long as it is used. */
export async function withReceivingWallet<T>(
  settings: WalletSettings,
  use: (wallet: ReceivingWallet) => Promise<T>,
): Promise<T> {
  const wallet = await openReceivingWallet(settings);
  try {
    return await use(wallet);
  } finally {
    await wallet.close();
  }
}

import type { SatwayError } from '@satway/base';
import type { Egress } from '@satway/egress';
import type { InvoiceIssuer, ReceivingWallet } from '@satway/wallets';
import { createFailoverIssuer, type WalletSwitch } from '@satway/wallets/failover';
import { openReceivingWallet } from '@satway/wallets/open-wallet';
import type { WatchedReceiver } from '@satway/wallets/watch';
import type { GatewayConfig, WalletConfig } from '../config/index.js';
import type { Logger } from '../logs/index.js';
import type { Closers } from './closers.js';
import { guardSales } from './sale-guard.js';
import { WalletJudge } from './wallet-judge.js';
import { walletName } from './wallet-powers.js';

/** A wallet of the shop, under the name that it has in logs and metrics. */
export interface ShopWallet {
  readonly name: string;
  readonly wallet: WatchedReceiver;
  /** Told whenever the wallet has answered. */
  readonly onAnswer: () => void;
}

/** What the gateway sells with. */
export interface ShopWallets {
  readonly issuer: InvoiceIssuer;
  readonly wallets: readonly ShopWallet[];
}

export interface OpenWalletsParts {
  readonly egress: Egress;
  readonly logger: Logger;
  readonly closers: Closers;
}

/**
 * Opens the configured wallets and judges their credentials.
 *
 * @throws {SatwayError} `WALLET_TOO_POWERFUL`; `WALLET_NOT_CONFIGURED` for a credential or certificate that cannot be read.
 */
export async function openWallets(config: GatewayConfig, parts: OpenWalletsParts): Promise<ShopWallets> {
  const { logger } = parts;
  const opened = await Promise.all(
    config.wallets.map((wallet, index) => openOne(wallet, walletName(config.wallets, index), parts)),
  );
  await Promise.all(opened.map(({ judge }) => judge.beforeStart()));
  const wallets = opened.map(({ name, wallet, judge }) => ({ name, wallet, onAnswer: () => void judge.afterAnswer() }));
  return { issuer: inOrder(opened, logger), wallets };
}

/** A wallet that was brought along: it is watched, and whoever brought it answers for what it may do. */
export function givenWallet(issuer: InvoiceIssuer): ShopWallets {
  const wallet: WatchedReceiver = {
    lookUp: (paymentHashHex) => issuer.lookUp(paymentHashHex),
    receivableMsat: () => Promise.resolve(null),
  };
  return { issuer, wallets: [{ name: 'given', wallet, onAnswer: () => undefined }] };
}

interface OpenedWallet {
  readonly name: string;
  readonly wallet: ReceivingWallet;
  readonly judge: WalletJudge;
}

async function openOne(config: WalletConfig, name: string, parts: OpenWalletsParts): Promise<OpenedWallet> {
  const { egress, logger, closers } = parts;
  const wallet = await openReceivingWallet(config.settings, { egress });
  closers.add(() => wallet.close());
  const guard = guardSales(wallet);
  const judge = new WalletJudge(name, config, guard, logger);
  closers.add(() => judge.stop());
  return { name, wallet: guard.wallet, judge };
}

/** Several are one: invoices come from the first that works. */
function inOrder(opened: readonly OpenedWallet[], logger: Logger): InvoiceIssuer {
  const [first] = opened;
  if (first !== undefined && opened.length === 1) return first.wallet;
  const nameAt = (position: number): string => opened[position]?.name ?? '';
  const onSwitch = ({ from, to, code }: WalletSwitch, failure: SatwayError | null): void => {
    const why = failure?.detail === undefined ? {} : { detail: failure.detail };
    logger.warn({ from: nameAt(from), to: nameAt(to), code, ...why }, 'another wallet sells from now on');
  };
  return createFailoverIssuer(
    opened.map(({ wallet }) => wallet),
    { onSwitch },
  );
}

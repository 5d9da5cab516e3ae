import { isSatwayError, SatwayError } from '@satway/base';
import { walletFromEnv } from '@satway/wallets/environment';
import type { WalletSettings } from '@satway/wallets/open-wallet';
import { DEMO_PREFIXES, withPrivate } from '../private-environment.js';
import { type ChosenWallet, chooseWallet } from '../wallet/choose-wallet.js';

/** What `--wallet` takes; `any` where the two are of different kinds. */
export const DEMO_WALLET_KINDS = ['lnd', 'lnbits', 'phoenixd', 'nwc', 'any'] as const;
export type DemoWalletKind = (typeof DEMO_WALLET_KINDS)[number];

/** How the two wallets are named on the command line. */
export interface DemoWalletOptions {
  readonly wallet?: DemoWalletKind;
  readonly sellerWalletFile?: string;
  readonly buyerWalletFile?: string;
}

export interface DemoWallets {
  readonly seller: ChosenWallet;
  readonly buyer: ChosenWallet;
}

/**
 * Reads the seller's wallet from its file or the variables that begin with `SELLER_`, the buyer's from its file, the variables that begin with `BUYER_`, or
 * the usual ones.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED`, `CONFIG_INVALID`, `CONFIG_UNREADABLE`; `CLI_USAGE` where one is of another kind than `--wallet` says.
 */
export async function chooseDemoWallets(
  options: DemoWalletOptions,
  environment: NodeJS.ProcessEnv,
): Promise<DemoWallets> {
  const { sellerWalletFile, buyerWalletFile, wallet = 'any' } = options;
  const prefixes = DEMO_PREFIXES;
  const seller =
    sellerWalletFile === undefined
      ? fromPrefixed(prefixes.seller, 'receive', environment)
      : await chooseWallet(sellerWalletFile, 'receive', environment);
  const buyer =
    buyerWalletFile === undefined && hasPrefixed(prefixes.buyer, environment)
      ? fromPrefixed(prefixes.buyer, 'pay', environment)
      : await chooseWallet(buyerWalletFile, 'pay', environment);
  checkKind('seller', seller.settings, wallet);
  checkKind('buyer', buyer.settings, wallet);
  return { seller, buyer };
}

function checkKind(side: string, { kind }: WalletSettings, wanted: DemoWalletKind): void {
  if (wanted === 'any' || kind === wanted) return;
  throw new SatwayError('CLI_USAGE', {
    detail: `The ${side}'s wallet is of the kind ${kind}; --wallet any takes both as they are.`,
  });
}

function fromPrefixed(prefix: string, role: 'receive' | 'pay', environment: NodeJS.ProcessEnv): ChosenWallet {
  try {
    const { settings, source, warnings } = walletFromEnv(withoutPrefix(prefix, environment), { role });
    const names = source.map((name) => prefix + name).join(', ');
    return { settings, source: names, warnings: warnings.map(({ detail, fix }) => `${detail} ${fix}`) };
  } catch (cause) {
    if (!isSatwayError(cause, 'WALLET_NOT_CONFIGURED')) throw cause;
    const detail = `${cause.detail ?? ''} Here each variable begins with ${prefix}; a file does as well.`;
    throw new SatwayError('WALLET_NOT_CONFIGURED', { detail, cause });
  } finally {
    for (const name of Object.keys(withoutPrefix(prefix, environment))) delete environment[prefix + name];
  }
}

function hasPrefixed(prefix: string, environment: NodeJS.ProcessEnv): boolean {
  return Object.values(withoutPrefix(prefix, environment)).some((value) => (value ?? '') !== '');
}

/** The variables of a wallet that begin so, under their usual names, also those that were taken out of `process.env` when another wallet was read. */
function withoutPrefix(prefix: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const named = Object.entries(withPrivate(environment)).filter(([name]) => name.startsWith(prefix));
  const plain = named.map(([name, value]) => [name.slice(prefix.length), value] as const);
  return Object.fromEntries(plain.filter(([name]) => /^(LND|LNBITS|PHOENIXD|NWC)_/.test(name)));
}

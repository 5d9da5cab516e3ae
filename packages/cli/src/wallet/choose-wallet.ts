import type { WalletRole } from '@satway/wallets';
import { walletFromEnv } from '@satway/wallets/environment';
import type { WalletSettings } from '@satway/wallets/open-wallet';
import { gatewayRoom } from '../gateway-room.js';
import { hide, hideWalletSecrets, withPrivate } from '../private-environment.js';

/** The one wallet that a command works with. */
export interface ChosenWallet {
  /** Holds the secret. */
  readonly settings: WalletSettings;
  /** Where it was named, for a person: a file, or the variables. */
  readonly source: string;
  /** What is right but careless about it: a file with a secret that others may read. */
  readonly warnings: readonly string[];
}

/** Said by the help of every command that takes a wallet. */
export const WALLET_HELP = `The wallet is named by the environment, or by a file with --wallet-file (what stands under "wallet:" in satway.yaml):
  LND_REST_HOST, LND_MACAROON, LND_TLS_CERT            an LND
  LNBITS_URL, LNBITS_ADMIN_KEY or LNBITS_INVOICE_KEY   a wallet of an LNbits
  PHOENIXD_URL, PHOENIXD_PASSWORD                      a phoenixd
  NWC_URI                                              a wallet behind Nostr Wallet Connect
Each can be given as …_FILE instead, the path of a file with the value.`;

/**
 * Reads the wallet from the file where one is given, else from the environment; its secrets are gone from `process.env` afterwards, also where it throws.
 *
 * @param role - `null` takes the credential that allows most, of those that the environment names.
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED`, `CONFIG_INVALID`, `CONFIG_UNREADABLE`; never with a secret.
 */
export async function chooseWallet(
  file: string | undefined,
  role: WalletRole | null,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ChosenWallet> {
  const read: string[] = [];
  try {
    const whole = withPrivate(environment);
    return file === undefined ? chooseFromEnvironment(role, whole) : await chooseFromFile(file, whole, read);
  } finally {
    // Also of a wallet that is refused: whatever is started later would inherit them.
    if (environment === process.env) {
      hide(...read);
      hideWalletSecrets();
    }
  }
}

function chooseFromEnvironment(role: WalletRole | null, environment: NodeJS.ProcessEnv): ChosenWallet {
  const options = { ...(role === null ? {} : { role }), scrub: false };
  const { settings, source, warnings } = walletFromEnv(environment, options);
  return { settings, source: source.join(', '), warnings: warnings.map(({ detail, fix }) => `${detail} ${fix}`) };
}

/** @param read - gets the names of the variables that hold a secret which the file names. */
async function chooseFromFile(file: string, environment: NodeJS.ProcessEnv, read: string[]): Promise<ChosenWallet> {
  const warnings: string[] = [];
  const { loadWalletFile } = await gatewayRoom();
  const warn = (message: string): void => void warnings.push(message);
  const onSecretRead = (variable: string): void => void read.push(variable);
  const settings = await loadWalletFile(file, { environment, warn, onSecretRead });
  return { settings, source: file, warnings };
}

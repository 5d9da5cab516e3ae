import type { WalletSettings } from '../open-wallet/index.js';
import type { WalletRole } from '../wallet.js';
import { EnvironmentReader, type EnvironmentWarning } from './environment-reader.js';
import { notConfigured } from './not-configured.js';
import { readLnbits } from './read-lnbits.js';
import { readLnd } from './read-lnd.js';
import { readNwc } from './read-nwc.js';
import { readPhoenixd } from './read-phoenixd.js';
import { SECRET_VARIABLES, WALLET_VARIABLES } from './variables.js';

/** How a wallet is read from the environment. */
export interface WalletFromEnvOptions {
  /** What the wallet is for. `receive` and `read` prefer LNbits' invoice key, `pay` needs its admin key. */
  readonly role?: WalletRole;
  /** Takes the variables with secrets out of the environment once they are read. True by default for `process.env`, else false. */
  readonly scrub?: boolean;
}

/** The one wallet that the environment names. */
export interface EnvironmentWallet {
  /** Holds the secret. */
  readonly settings: WalletSettings;
  /** Names of the variables that were read. */
  readonly source: readonly string[];
  /** Files with secrets that too many may read. */
  readonly warnings: readonly EnvironmentWarning[];
}

type WalletKind = WalletSettings['kind'];

/**
 * Reads the one wallet that the environment names: `LND_REST_HOST`, `LND_MACAROON` and `LND_TLS_CERT`; `LNBITS_URL` with `LNBITS_ADMIN_KEY` or
 * `LNBITS_INVOICE_KEY`; `PHOENIXD_URL` and `PHOENIXD_PASSWORD`; or `NWC_URI`. Each can be given as `…_FILE` instead, the path of a file with the value.
 *
 * Afterwards the secrets are gone from `process.env`, so that no later child process inherits them: call it once, early, and keep the answer.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED` where no wallet is named, two are, or a variable is missing or cannot be read; it names variables, never values.
 * Nothing is taken out of the environment then. Funds moved: no.
 */
export function walletFromEnv(
  environment: NodeJS.ProcessEnv = process.env,
  { role, scrub = environment === process.env }: WalletFromEnvOptions = {},
): EnvironmentWallet {
  const reader = new EnvironmentReader(environment);
  const settings = readSettings(reader, theOnlyKind(reader), role ?? null);
  if (scrub) scrubSecrets(environment);
  return { settings, source: reader.source, warnings: reader.warnings };
}

/** Deletes the variables that hold secrets of wallets; files that a `_FILE` variant names stay where they are. */
function scrubSecrets(environment: NodeJS.ProcessEnv): void {
  for (const variable of SECRET_VARIABLES) delete environment[variable];
}

const HOW_TO_NAME_ONE =
  'Set LND_REST_HOST and LND_MACAROON; or LNBITS_URL and LNBITS_INVOICE_KEY or LNBITS_ADMIN_KEY; or PHOENIXD_URL and PHOENIXD_PASSWORD; or NWC_URI.';

/** Two wallets are an error and not an order of preference: money must not go another way because a variable was left over. */
function theOnlyKind(reader: EnvironmentReader): WalletKind {
  const named = namedKinds(reader);
  const [first, second] = named;
  if (first === undefined) throw notConfigured(`The environment names no wallet. ${HOW_TO_NAME_ONE}`);
  if (second === undefined) return first.kind;
  const list = named.map(({ kind, names }) => `${kind} (${names.join(', ')})`).join(' and ');
  throw notConfigured(`The environment names ${named.length} wallets: ${list}. Unset the variables of all but one.`);
}

function namedKinds(reader: EnvironmentReader): { kind: WalletKind; names: string[] }[] {
  const kinds = Object.keys(WALLET_VARIABLES) as WalletKind[];
  return kinds
    .map((kind) => ({ kind, names: WALLET_VARIABLES[kind].flatMap((variable) => reader.namesSet(variable)) }))
    .filter(({ names }) => names.length > 0);
}

function readSettings(reader: EnvironmentReader, kind: WalletKind, role: WalletRole | null): WalletSettings {
  switch (kind) {
    case 'lnd':
      return readLnd(reader);
    case 'lnbits':
      return readLnbits(reader, role);
    case 'phoenixd':
      return readPhoenixd(reader);
    case 'nwc':
      return readNwc(reader);
  }
}

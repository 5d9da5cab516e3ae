import type { BudgetState } from '@satway/client';
import type { BitcoinNetwork, WalletInspection, WalletKind } from '@satway/wallets';
import type { Learned } from './learned.js';

/** The two sides of a payment, as `doctor` looks at them. */
export type DoctorRole = 'pay' | 'receive';

/** What a credential of the selling side may cost whoever loses it. */
export type SpendingPower = 'pay' | 'administer';

/** What could be learnt of one wallet with its credential, without moving or making anything. */
export interface WalletFacts {
  /** How a person tells it from others, such as `lnd of LND_REST_HOST`. */
  readonly name: string;
  readonly kind: WalletKind;
  /** As the purchase store names it; `null` where it cannot be connected for paying. */
  readonly identity: string | null;
  /** Host and port; `null` where it has none of its own. */
  readonly host: string | null;
  /** Whether what is sent to it could be read on the way. */
  readonly plainHttp: boolean;
  /** As the wallet says; `null` where its credential may not ask. */
  readonly network: BitcoinNetwork | null;
  readonly configuredNetwork: BitcoinNetwork | null;
  /** What a gateway's operator has allowed by name. */
  readonly allowedPowers: readonly SpendingPower[];
  readonly inspection: Learned<WalletInspection>;
  readonly spendableMsat: Learned<number>;
  /** Ours minus the wallet's; with a wallet behind Nostr minus its relay's, since it tells no time itself. */
  readonly clockOffsetMs: Learned<number>;
  /** Whether a payment can be looked up by its hash. */
  readonly canLookUp: Learned<true>;
  /** When the pinned certificate ends; `null` where none is pinned. */
  readonly certificateEndsAtMs: Learned<number | null>;
  /** What has left its channels, whole satoshis; `null` where its kind does not tell. */
  readonly sentSats: Learned<number | null>;
}

/** An amount that the environment may name. */
export interface NamedAmount {
  readonly variable: string;
  /** `null` where it is not set. */
  readonly sats: Learned<number | null>;
}

export interface BudgetFacts {
  readonly total: NamedAmount;
  readonly perRequest: NamedAmount;
  /** Those of the purchase store; empty where there is no store yet. */
  readonly inStore: Learned<readonly BudgetState[]>;
}

/** A file or folder that holds secrets or money's records, or says where they are sent, as it lies there. */
export interface FileFacts {
  readonly path: string;
  readonly what: string;
  /** Nobody else may read it. Of anything else it only matters who may change it. */
  readonly isSecret: boolean;
  readonly isFolder: boolean;
  /** Permission bits; `null` where nobody can tell, and the rest does not count. */
  readonly mode: number | null;
  readonly ownedByUs: boolean;
  readonly ownedByRoot: boolean;
}

/** One `.env` file. `noGit`: none is installed; `unknown`: it does not say; `unlisted`: a folder in which nobody could look for one. */
export interface DotenvFacts {
  /** From the working folder. */
  readonly path: string;
  readonly state: 'ignored' | 'notIgnored' | 'outsideGit' | 'noGit' | 'unknown' | 'unlisted';
}

/** Something in a configuration file that looks like a secret; never the secret. */
export interface PlainSecret {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  /** The file is that of a wallet alone, in which its secret may stand. */
  readonly isWalletFile: boolean;
}

/** A file that was named and could not be looked through, or not all of what it names. */
export interface UnreadFile {
  readonly path: string;
  /** Goes on behind the path, and quotes nothing of the file. */
  readonly why: string;
}

export interface SigningKeyFacts {
  readonly id: string;
  readonly createdAtMs: number;
  readonly verifyUntilMs: number | null;
  readonly signs: boolean;
}

/** The gateway's configuration, as far as it could be read. */
export interface GatewayFacts {
  readonly configPath: string;
  readonly store: Learned<{ readonly kind: 'memory' | 'pglite' | 'postgres'; readonly acceptPowerLoss: boolean }>;
  readonly keys: Learned<readonly SigningKeyFacts[]>;
}

/** A payment of which nobody knows the end: in the purchase store, or made by `satway wallet pay`. */
export interface UnresolvedFacts {
  readonly paymentHashHex: string;
  /** Made by `satway wallet pay`. */
  readonly isDirect: boolean;
  /** Millisatoshis; this and the age `null` where its record is damaged. */
  readonly amountMsat: number | null;
  readonly ageMs: number | null;
  /** A living process has it in hand. */
  readonly inHand: boolean;
  /** What was found out about it, in a few words. */
  readonly diagnosis: 'stuck' | 'otherWallet' | 'open';
}

/** Everything that the checks judge. Plain values, so that each check can be tried alone. */
export interface DoctorFacts {
  readonly role: DoctorRole;
  readonly nowMs: number;
  /** Empty, or why no wallet is named, comes as not known. */
  readonly wallets: Learned<readonly WalletFacts[]>;
  readonly budget: BudgetFacts;
  readonly maxBalance: NamedAmount;
  readonly gateway: GatewayFacts | null;
  readonly plainSecrets: Learned<readonly PlainSecret[]>;
  readonly dotenv: Learned<readonly DotenvFacts[]>;
  readonly files: Learned<readonly FileFacts[]>;
  /** In which secrets, and names of files with secrets, may stand unseen. */
  readonly unread: readonly UnreadFile[];
  /** In which files are named that nobody can tell here. */
  readonly unfilled: readonly UnreadFile[];
  /** What was careless when the wallet was read, each for a person and with what to do. */
  readonly walletWarnings: readonly string[];
  readonly unresolved: Learned<readonly UnresolvedFacts[]>;
  /** `NODE_TLS_REJECT_UNAUTHORIZED` is 0. */
  readonly tlsUnchecked: boolean;
}

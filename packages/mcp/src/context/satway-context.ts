import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createRequestStateCodec, type RequestStateCodec } from '@modelcontextprotocol/server';
import {
  type Approval,
  type Approver,
  createPreviewer,
  L402Client,
  type L402ClientOptions,
  type Previewer,
  type PurchaseStore,
} from '@satway/client';
import type { Egress } from '@satway/egress';
import type { InvoicePayer } from '@satway/wallets';
import {
  type AnswerFolder,
  type AskingCall,
  type CallTable,
  createCallTable,
  type CredentialFolder,
  openAnswerFolder,
  openCredentialFolder,
} from '../calls/index.js';
import { createApprovalLadder, type Elicit } from '../approval/index.js';
import { openUpstreams, type Upstreams } from '../proxy/index.js';
import { createSentSecrets, type SentSecrets, watchRequests } from '../secrets/index.js';
import type { McpSettings } from '../settings/index.js';
import { tellingMoney } from './tell-events.js';
import { followWallet, type WalletState } from './wallet-state.js';

/** What all connections of one server process share. */
export interface SatwayContext {
  readonly settings: McpSettings;
  /** The one thing in here that can pay. */
  readonly client: L402Client;
  readonly previewer: Previewer;
  readonly store: PurchaseStore;
  /** Other MCP servers, whose tools are called and paid for like everything else. */
  readonly upstreams: Upstreams;
  /** For documents that cost nothing. */
  readonly egress: Pick<Egress, 'exchange'>;
  readonly calls: CallTable;
  readonly answers: AnswerFolder;
  readonly credentials: CredentialFolder;
  /** What no stranger may put before the model. */
  readonly secrets: Pick<SentSecrets, 'strip'>;
  /** Who decides over the payment of a call: nobody up to the threshold, a person above it. */
  approverFor(call: AskingCall, elicit?: Elicit): Approver;
  /** Seals which call a client comes back to with its person's answer; nobody else can make one. */
  readonly rounds: RequestStateCodec<CallRound>;
  /** Where the wallet stood when it was last looked at. */
  readonly walletState: () => WalletState;
  readonly nowMs: () => number;
  readonly startedAtMs: number;
  /** Ends what can be ended and waits for what must be finished; the store and the wallet stay open. */
  close(): Promise<void>;
}

/** What a server is made of. */
export interface SatwayContextOptions {
  readonly wallet: InvoicePayer;
  readonly store: PurchaseStore;
  readonly egress: Egress;
  readonly settings: McpSettings;
  /** Calls a person to a question; whoever hears it is no model. Default: nobody is called, and `satway approve --list` shows it. */
  readonly announce?: (approval: Approval) => void;
  /** As of a client: whether something that is not in the store pays this hash from the same wallet. */
  readonly paidElsewhere?: NonNullable<L402ClientOptions['paidElsewhere']>;
  /** Told, a line each, what became of payments and what is unusual about the spending; no secret is in it, and no model reads it. Default: nobody is told. */
  readonly tell?: (line: string) => void;
  /** Default: none. */
  readonly upstreams?: Upstreams;
  readonly nowMs?: () => number;
}

/** Which budget of the store pays for what tools buy. */
export const MCP_BUDGET_ID = 'default';

/** The most that is exact in millisatoshis: what one call may cost is decided by the threshold, a person, and the budgets. */
const NO_CAP_SATS = Math.floor(Number.MAX_SAFE_INTEGER / 1000);

/** What a client carries between the question and the answer. */
export interface CallRound {
  readonly callId: string;
  /** Somebody else had started the call. */
  readonly isJoined: boolean;
}

/** Longer than a question lives. */
const ROUND_TTL_SECONDS = 660;

/** @throws {SatwayError} as the client's constructor. */
export function openSatwayContext(options: SatwayContextOptions): SatwayContext {
  const { wallet, store, egress, settings, nowMs = Date.now } = options;
  const upstreams = options.upstreams ?? openUpstreams([], egress);
  const secrets = createSentSecrets(upstreams.secrets);
  // Sellers have a say in what they sell, and wallets in why a payment failed.
  const tell = (line: string) => options.tell?.(secrets.strip(line));
  const followed = followWallet();
  const tellMoney = tellingMoney(tell, nowMs);
  const client = new L402Client({
    wallet,
    store,
    egress: watchRequests(egress, secrets),
    budgetId: MCP_BUDGET_ID,
    ...(options.paidElsewhere === undefined ? {} : { paidElsewhere: options.paidElsewhere }),
    ...(settings.budgetSats === null ? {} : { budgetSats: settings.budgetSats }),
    maxPerRequestSats: NO_CAP_SATS,
    limits: {
      perMinuteSats: settings.maxSpendPerMinuteSats,
      perDaySats: settings.maxSpendPerDaySats,
      perHostAndDaySats: 'off',
    },
    exchangeTimeoutMs: settings.exchangeWithinMs,
    maxRequestBodyBytes: 1024 * 1024,
    watch: settings.walletBalanceBelowSats === null ? {} : { balanceBelowSats: settings.walletBalanceBelowSats },
    onEvent(event) {
      followed.follow(event);
      return tellMoney(event);
    },
    anomaly: { log: tell, ...(settings.webhook === null ? {} : { webhook: settings.webhook }) },
  });
  const answers = openAnswerFolder({
    folder: join(settings.home, 'answers'),
    maxShownChars: settings.maxShownChars,
    secrets,
  });
  const credentials = openCredentialFolder({ folder: join(settings.home, 'credentials'), nowMs });
  const calls = createCallTable({ client, upstreams, answers, credentials, secrets, nowMs });
  return {
    settings,
    client,
    previewer: createPreviewer({
      egress,
      network: wallet.network,
      exchangeTimeoutMs: settings.exchangeWithinMs,
      maxRequestBodyBytes: 1024 * 1024,
    }),
    store,
    upstreams,
    egress,
    calls,
    answers,
    credentials,
    secrets,
    approverFor: (call, elicit) =>
      createApprovalLadder({
        store,
        thresholdMsat: settings.maxAutoPaySats * 1000,
        secrets,
        announce(approval) {
          call.waitFor(approval);
          options.announce?.(approval);
        },
        ...(elicit === undefined ? {} : { elicit }),
      }),
    walletState: () => followed.state(),
    rounds: createRequestStateCodec({ key: randomBytes(32), ttlSeconds: ROUND_TTL_SECONDS }),
    nowMs,
    startedAtMs: nowMs(),
    async close() {
      await calls.close();
      await client.close();
    },
  };
}

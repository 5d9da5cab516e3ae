import { join } from 'node:path';
import { createPreviewer, L402Client, type Previewer, type PurchaseStore } from '@satway/client';
import type { Egress } from '@satway/egress';
import type { InvoicePayer } from '@satway/wallets';
import {
  type AnswerFolder,
  type CallTable,
  createCallTable,
  type MakeApprover,
  openAnswerFolder,
} from '../calls/index.js';
import type { McpSettings } from '../settings/index.js';

/** What all connections of one server process share. */
export interface SatwayContext {
  readonly settings: McpSettings;
  /** The one thing in here that can pay. */
  readonly client: L402Client;
  readonly previewer: Previewer;
  readonly store: PurchaseStore;
  /** For documents that cost nothing. */
  readonly egress: Pick<Egress, 'exchange'>;
  readonly calls: CallTable;
  readonly answers: AnswerFolder;
  /** Decides over each payment of a tool's. */
  readonly makeApprover: MakeApprover;
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
  /** Default: yes up to the threshold, no above it. */
  readonly makeApprover?: MakeApprover;
  readonly nowMs?: () => number;
}

/** Which budget of the store pays for what tools buy. */
export const MCP_BUDGET_ID = 'default';

/** The most that is exact in millisatoshis: what one call may cost is decided by the threshold, a person, and the budgets. */
const NO_CAP_SATS = Math.floor(Number.MAX_SAFE_INTEGER / 1000);

/** Fees count. */
function upTo(thresholdMsat: number): MakeApprover {
  return () =>
    ({ amountMsat, feeCeilingMsat }) =>
      amountMsat + feeCeilingMsat <= thresholdMsat;
}

/** @throws {SatwayError} as the client's constructor. */
export function openSatwayContext(options: SatwayContextOptions): SatwayContext {
  const { wallet, store, egress, settings, nowMs = Date.now } = options;
  const makeApprover = options.makeApprover ?? upTo(settings.maxAutoPaySats * 1000);
  const client = new L402Client({
    wallet,
    store,
    egress,
    budgetId: MCP_BUDGET_ID,
    ...(settings.budgetSats === null ? {} : { budgetSats: settings.budgetSats }),
    maxPerRequestSats: NO_CAP_SATS,
    limits: {
      perMinuteSats: settings.maxSpendPerMinuteSats,
      perDaySats: settings.maxSpendPerDaySats,
      perHostAndDaySats: 'off',
    },
    exchangeTimeoutMs: 60_000,
    maxRequestBodyBytes: 1024 * 1024,
  });
  const answers = openAnswerFolder({
    folder: join(settings.home, 'answers'),
    maxShownChars: settings.maxShownChars,
  });
  const calls = createCallTable({ client, answers, nowMs });
  return {
    settings,
    client,
    previewer: createPreviewer({ egress, network: wallet.network, maxRequestBodyBytes: 1024 * 1024 }),
    store,
    egress,
    calls,
    answers,
    makeApprover,
    nowMs,
    startedAtMs: nowMs(),
    async close() {
      await calls.close();
      await client.close();
    },
  };
}

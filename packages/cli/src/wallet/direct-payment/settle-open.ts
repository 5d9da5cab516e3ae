import { isSatwayError, redactText, SatwayError } from '@satway/base';
import type { ManualDecision, UnresolvedFinding } from '@satway/client';
import type { InvoicePayer } from '@satway/wallets';
import { lookUpRecord } from './look-up.js';
import { type HeldPayment, holdPayment } from './payment-folder.js';
import type { PaymentRecord } from './payment-record.js';

/** Where an open payment stands after its wallet was asked; all but the record as of a purchase. */
export interface OpenFinding extends Pick<UnresolvedFinding, 'walletSays' | 'detail' | 'missingPermission'> {
  readonly record: PaymentRecord;
}

/** Where records are kept, and whom to ask. */
export interface OpenParts {
  readonly folder: string;
  readonly wallet: Pick<InvoicePayer, 'identity' | 'lookUp'>;
}

/**
 * Asks the wallet what became of a payment and writes down what it proves. Where it stays unknown, `decide` may end it by hand; nobody else has the payment in hand
 * between the answer and the decision. Never pays.
 *
 * @throws {SatwayError} `PURCHASE_UNDER_WAY`; `PURCHASE_STATE_CONFLICT` where there is nothing to resolve, or it is another wallet's; `PAYMENT_UNKNOWN` where its
 * record is damaged; `PURCHASE_STORE_UNUSABLE`, `PURCHASE_STORE_FAILED`; and what `decide` throws.
 */
export async function settleOpen(
  { folder, wallet }: OpenParts,
  paymentHashHex: string,
  decide: (finding: OpenFinding) => Promise<ManualDecision | null> = async () => null,
): Promise<OpenFinding> {
  const held = holdPayment(folder, paymentHashHex);
  try {
    const finding = await lookUpOpen(wallet, held);
    if (finding.record.state !== 'sending') return finding;
    const decision = await decide(finding);
    if (decision === null) return finding;
    const record = endedBy(finding.record, decision);
    held.write(record);
    return { ...finding, record, detail: null };
  } finally {
    held.release();
  }
}

async function lookUpOpen(wallet: OpenParts['wallet'], held: HeldPayment): Promise<OpenFinding> {
  const before = held.record;
  if (before === null || before.state !== 'sending') throw conflict('Its end is known: there is nothing to resolve.');
  if (before.walletIdentity !== wallet.identity) throw conflict('Another wallet has paid it, or not; ask that one.');
  let looked: Awaited<ReturnType<typeof lookUpRecord>>;
  try {
    looked = await lookUpRecord(wallet, before);
  } catch (error) {
    const why = error instanceof Error ? redactText(error.message) : 'The wallet cannot be asked.';
    return { record: before, walletSays: null, detail: why, missingPermission: missingFor(error) };
  }
  held.write(looked.record);
  const detail = looked.record.state === 'sending' ? sayOf(looked) : null;
  return { record: looked.record, walletSays: looked.found.state, detail, missingPermission: null };
}

/** What the credential lacks, where that is why the wallet could not be asked. */
export function missingFor(error: unknown): string | null {
  if (!isSatwayError(error, 'WALLET_PERMISSION_DENIED')) return null;
  const missing = error.facts['missingPermission'];
  return typeof missing === 'string' ? missing : 'leave to look payments up';
}

function sayOf({ found, record }: Awaited<ReturnType<typeof lookUpRecord>>): string {
  if (found.state === 'inFlight') return 'The payment is in flight.';
  if (found.state !== 'failed') return 'The wallet has no record of it.';
  const whose =
    record.totalSends > 1 ? `One of ${record.totalSends} requests failed` : 'A request failed that need not be ours';
  return `${whose}, another may still be paid. ${redactText(found.detail)}`;
}

function conflict(detail: string): SatwayError {
  return new SatwayError('PURCHASE_STATE_CONFLICT', { detail });
}

export function endedBy(record: PaymentRecord, { as, decidedBy, reason }: ManualDecision): PaymentRecord {
  const decision = `${as} by ${decidedBy} at ${new Date().toISOString()}: ${redactText(reason)}`.slice(0, 500);
  return { ...record, state: as === 'failed' ? 'released' : 'writtenOff', decision };
}

import { formatToolCredential, parseToolReceipt, TOOL_CREDENTIAL_KEY, type ToolReceipt } from '@satway/protocol';
import type { PaidCredential } from '../credential-cache/index.js';
import type { ClientContext } from '../l402-client/context.js';
import type { CredentialSource } from '../l402-client/events.js';
import { L402Error } from '../l402-client/l402-error.js';
import type { PaymentFacts } from '../l402-client/options.js';
import type { Bought } from '../purchase/index.js';
import { refusedAfterPayment, type Verdict } from '../redeem/index.js';
import type { PricedToolCall, ToolAnswer } from './priced-tool.js';
import { challengeIn } from './tool-offer.js';

/** A result and what it cost; `payment` is `null` where the tool asked for nothing. */
export interface ToolPerformed<R> {
  readonly result: R;
  readonly payment: PaymentFacts | null;
}

/** A paid call that got a result, and what the result means for the credential. */
interface Told<R> {
  readonly result: R;
  readonly verdict: Verdict;
  readonly receipt: ToolReceipt | null;
}

/** Between two attempts that cost nothing. */
const RETRY_AFTER_MS = 500;
/** What a seller says where the same proof is being used this moment. */
const BUSY_CODES: ReadonlySet<string> = new Set(['claim_in_progress', 'idempotency_in_progress']);

/**
 * Redeems a paid purchase that is in our hands, and brings it to its end or parks it for the next call of the same thing.
 *
 * @throws {L402Error} `PAID_CREDENTIAL_REFUSED`, `REDEMPTION_REFUSED`, `CLAIM_STILL_RUNNING`, `ANSWER_LOST`, `CALL_ABORTED`. Funds moved: yes.
 */
export async function useBoughtTool<R extends ToolAnswer>(
  context: ClientContext,
  tool: PricedToolCall<R>,
  bought: Bought,
  source: 'bought' | 'recovered',
  signal: AbortSignal,
): Promise<ToolPerformed<R>> {
  const { purchaseId, state, paymentHashHex, amountMsat, feeMsat } = bought.purchase;
  const { journal } = context.store;
  try {
    if (signal.aborted) throw abortedAfterPayment(bought.credential, signal);
    if (state !== 'redeemed') journal.startRedeeming(purchaseId);
    const told = await present(context, tool, bought.credential, source, signal);
    if (told.verdict === 'refused') throw refusedAfterPayment(context, bought);
    if (told.verdict === 'busy') throw new L402Error('CLAIM_STILL_RUNNING', { facts: { paymentHashHex } });
    if (told.verdict === 'answered' && state !== 'redeemed') {
      journal.finishRedeeming(purchaseId, told.receipt?.outcome ?? 'answered');
    }
    if (told.verdict === 'answered') tellRedeemed(context, bought.credential, told, source);
    const paid = source === 'bought' ? { paidMsat: amountMsat, feeMsat: feeMsat ?? 0 } : { paidMsat: 0, feeMsat: 0 };
    return { result: told.result, payment: { paymentHashHex, ...paid, source } };
  } finally {
    journal.park(purchaseId);
  }
}

/**
 * Spends one use, already taken, of a cached credential; `null` where it was refused, and is dropped for good.
 *
 * @throws {L402Error} `CLAIM_STILL_RUNNING`, `ANSWER_LOST`, `CALL_ABORTED`.
 */
export async function useCachedTool<R extends ToolAnswer>(
  context: ClientContext,
  tool: PricedToolCall<R>,
  credential: PaidCredential,
  signal: AbortSignal,
): Promise<ToolPerformed<R> | null> {
  const { purchaseId, paymentHashHex } = credential;
  const { credentials } = context.store;
  const told = await present(context, tool, credential, 'cached', signal);
  if (told.verdict === 'refused') {
    credentials.drop(purchaseId);
    return null;
  }
  if (told.verdict !== 'answered') credentials.giveBackUse(purchaseId);
  if (told.verdict === 'busy') throw new L402Error('CLAIM_STILL_RUNNING', { facts: { paymentHashHex } });
  tellRedeemed(context, credential, told, 'cached');
  return { result: told.result, payment: { paymentHashHex, paidMsat: 0, feeMsat: 0, source: 'cached' } };
}

/** Calls with the proof, and again where that is free. */
async function present<R extends ToolAnswer>(
  context: ClientContext,
  tool: PricedToolCall<R>,
  credential: PaidCredential,
  source: CredentialSource,
  signal: AbortSignal,
): Promise<Told<R>> {
  const { paymentHashHex, macaroonText, preimageHex } = credential;
  const meta = { [TOOL_CREDENTIAL_KEY]: formatToolCredential({ token: macaroonText, preimageHex }) };
  context.tell({ type: 'redeeming', paymentHashHex, url: `${tool.origin}#${tool.tool}`, source });
  for (let repeats = 0; ; repeats += 1) {
    const told = judge(await callOnce(tool, meta, credential, signal));
    const isFree = told.verdict === 'busy' || told.verdict === 'failed_retryable';
    if (!isFree || repeats >= context.maxFreeRetries) return told;
    context.tell({ type: 'waiting', reason: told.verdict, waitMs: RETRY_AFTER_MS });
    await context.clock.sleep(RETRY_AFTER_MS, signal);
    if (signal.aborted) throw abortedAfterPayment(credential, signal);
  }
}

async function callOnce<R extends ToolAnswer>(
  tool: PricedToolCall<R>,
  meta: Readonly<Record<string, unknown>>,
  credential: PaidCredential,
  signal: AbortSignal,
): Promise<R> {
  try {
    return await tool.call(meta, signal);
  } catch (cause) {
    if (signal.aborted) throw abortedAfterPayment(credential, signal);
    throw new L402Error('ANSWER_LOST', { cause, facts: { paymentHashHex: credential.paymentHashHex } });
  }
}

/** A challenge in answer to a proof is a refusal, also where it cannot be read. */
function judge<R extends ToolAnswer>(result: R): Told<R> {
  const receipt = parseToolReceipt(result._meta);
  return { result, receipt, verdict: isRefusal(result) ? 'refused' : verdictOf(receipt) };
}

function verdictOf(receipt: ToolReceipt | null): Verdict {
  if (receipt === null || receipt.outcome === 'charged') return 'answered';
  if (receipt.code !== null && BUSY_CODES.has(receipt.code)) return 'busy';
  if (receipt.outcome === 'released') return receipt.code === 'upstream_failed_retryable' ? 'failed_retryable' : 'kept';
  return receipt.outcome === 'not_charged' ? 'kept' : 'answered';
}

function isRefusal(result: ToolAnswer): boolean {
  try {
    return challengeIn(result) !== null;
  } catch {
    return true;
  }
}

function abortedAfterPayment({ paymentHashHex }: PaidCredential, signal: AbortSignal): L402Error {
  return new L402Error('CALL_ABORTED', { fundsMoved: 'yes', cause: signal.reason, facts: { paymentHashHex } });
}

function tellRedeemed<R>(
  { tell }: ClientContext,
  { paymentHashHex }: PaidCredential,
  { receipt }: Told<R>,
  source: CredentialSource,
): void {
  tell({ type: 'redeemed', paymentHashHex, status: 200, outcome: receipt?.outcome ?? null, source });
}

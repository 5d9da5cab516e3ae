import { createHash } from 'node:crypto';
import { type ErrorCode, SatwayError } from '@satway/base';
import type { Call, Target } from '../call/index.js';
import type { ApprovalRequest } from '../l402-client/approver.js';
import type { ClientContext } from '../l402-client/context.js';
import type { Offer } from '../offer/index.js';
import { askApprover } from './ask-approver.js';
import { isExpiring } from './expiring.js';

/** What an approver throws that is no person's no. */
const NOBODY_ASKED: ReadonlySet<ErrorCode> = new Set(['APPROVALS_FULL', 'APPROVALS_PAUSED']);

/** A payment that somebody is to say yes to. */
export interface PaymentToApprove
  extends Pick<Offer, 'invoice' | 'paymentHashHex' | 'amountMsat' | 'payeeHex' | 'description' | 'invoiceExpiresAtMs'> {
  /** What is reserved for fees. */
  readonly feeCeilingMsat: number;
  /** Whether a request for it may be on its way already. */
  readonly sentBefore: boolean;
}

/** A no, and why: the code, and what more can be told. */
export interface NotApproved {
  readonly code: ErrorCode;
  readonly cause: unknown;
  readonly detail?: string;
}

/** Asks for one sending of one invoice; `null` is the yes. Where nobody waits any more, the answer is no answer: look at the signal. */
export async function seekApproval(
  context: Pick<ClientContext, 'approve' | 'clock'>,
  call: Call,
  target: Pick<Target, 'origin' | 'method' | 'url'>,
  payment: PaymentToApprove,
  signal: AbortSignal,
): Promise<NotApproved | null> {
  const answer = await askApprover(context, requestFor(call, target, payment), signal);
  if (answer.yes && !isExpiring(context.clock, payment.invoiceExpiresAtMs)) return null;
  const { cause } = answer;
  const code = cause instanceof SatwayError && NOBODY_ASKED.has(cause.code) ? cause.code : 'APPROVAL_DENIED';
  // Our own errors say why nobody could be asked; what else an approver throws is its own affair.
  const isTold = cause instanceof SatwayError && code !== cause.code;
  return { code, cause, ...(isTold ? { detail: cause.message } : {}) };
}

/** Frozen: of several who are asked, none can change what the next one sees. */
function requestFor(
  call: Call,
  { origin, method, url }: Pick<Target, 'origin' | 'method' | 'url'>,
  payment: PaymentToApprove,
): ApprovalRequest {
  const { amountMsat, feeCeilingMsat, paymentHashHex, payeeHex, invoice, description, sentBefore } = payment;
  return Object.freeze({
    origin,
    method,
    url,
    amountMsat,
    feeCeilingMsat,
    paymentHashHex,
    payeeHex,
    requestDigestHex: digestOf(call),
    invoice,
    description,
    expiresAtMs: payment.invoiceExpiresAtMs,
    sentBefore,
  });
}

/** What the caller wants, in one name. */
function digestOf({ method, url, bodySha256Hex }: Call): string {
  return createHash('sha256')
    .update(JSON.stringify([method, url, bodySha256Hex]))
    .digest('hex');
}

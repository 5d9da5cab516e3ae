import { SatwayError } from '@satway/base';
import type { Approval, ApprovalRefusal, ApprovalRequest, Approver, PurchaseStore } from '@satway/client';
import { type SentSecrets, shownAddress } from '../secrets/index.js';
import { type Elicit, elicitationFor, isYes } from './elicitation.js';

/** How long only the host is asked, before the terminal is told as well: a tool call is answered by then. */
const HOST_PATIENCE_MS = 40_000;

export interface ApprovalLadderOptions {
  readonly store: Pick<PurchaseStore, 'approvals'>;
  /** What is paid without asking anybody, fees included. */
  readonly thresholdMsat: number;
  /** Asks the host's person, where the host offers that. */
  readonly elicit?: Elicit;
  /** What no question may repeat, whoever reads it: of the seller's words, and of an address to which a redirect led. Default: nothing is known. */
  readonly secrets?: Pick<SentSecrets, 'strip'>;
  /** Told when a person is waited for outside of the host; the id alone approves nothing. */
  readonly announce: (approval: Approval) => void;
  /** How long the host alone is asked. Default 40,000. */
  readonly hostPatienceMs?: number;
}

/**
 * Who says yes to a payment: nobody has to, at or under the threshold; else the host's person, or a person at a terminal or at the loopback page of this process,
 * whoever is first; else nobody, and nothing is paid.
 *
 * Every yes above the threshold stands in the purchase store, bound to this invoice, request, amount and fee ceiling, and is used here, once.
 *
 * @throws {SatwayError} of the approver: `APPROVALS_FULL`, `APPROVALS_PAUSED`, and `APPROVAL_OVER`, which the client takes for a no.
 */
export function createApprovalLadder(options: ApprovalLadderOptions): Approver {
  const { store, thresholdMsat } = options;
  return async (request, { signal }) => {
    if (request.amountMsat + request.feeCeilingMsat <= thresholdMsat) return true;
    const question = shownRequest(request, options.secrets);
    const asked = store.approvals.ask(question);
    if (!asked.ok) throw refusal(asked);
    // What is known to be secret may have changed by then: the yes holds for the question as it was put.
    return isApproved(options, asked.value, question, signal);
  };
}

/** As it is kept, shown and answered: invoice, amount, payee and the digest of the request say what is paid, and are as they came. */
function shownRequest(request: ApprovalRequest, secrets: ApprovalLadderOptions['secrets']): ApprovalRequest {
  if (secrets === undefined) return request;
  const { url, description } = request;
  return {
    ...request,
    url: shownAddress(secrets, url),
    description: description === null ? null : secrets.strip(description),
  };
}

function refusal({ code, detail }: ApprovalRefusal): SatwayError {
  return new SatwayError(code, detail === undefined ? {} : { detail });
}

async function isApproved(
  options: ApprovalLadderOptions,
  approval: Approval,
  request: ApprovalRequest,
  signal: AbortSignal,
): Promise<boolean> {
  const { approvals } = options.store;
  const decided = new AbortController();
  try {
    void askPeople(options, approval, AbortSignal.any([signal, decided.signal]));
    const { state } = await approvals.wait(approval.approvalId, signal);
    return state === 'approved' && approvals.use(approval.approvalId, request);
  } finally {
    decided.abort();
  }
}

/** Never rejects: whoever cannot be asked has not said yes. */
async function askPeople(options: ApprovalLadderOptions, approval: Approval, signal: AbortSignal): Promise<void> {
  const { elicit, hostPatienceMs = HOST_PATIENCE_MS } = options;
  const announce = () => {
    if (!signal.aborted) quietly(() => options.announce(approval));
  };
  if (elicit === undefined) return announce();
  const patience = setTimeout(announce, hostPatienceMs);
  const heard = await askHost(options, elicit, approval, signal);
  clearTimeout(patience);
  if (!heard) announce();
}

/** A listener that breaks changes nothing about who has said yes. */
function quietly(listener: () => void): void {
  try {
    listener();
  } catch {
    // The person can still find the question with `satway approve --list`.
  }
}

/** @returns whether the host answered. */
async function askHost(
  { store }: ApprovalLadderOptions,
  elicit: Elicit,
  approval: Approval,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const timeoutMs = Math.max(1, approval.expiresAtMs - approval.createdAtMs);
    const answer = await elicit(elicitationFor(approval), { timeoutMs, signal });
    store.approvals.decide(approval.approvalId, isYes(answer) ? 'yes' : 'no', 'the person at the MCP host');
    return true;
  } catch {
    return false;
  }
}

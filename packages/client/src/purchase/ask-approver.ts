import type { ClientContext } from '../l402-client/context.js';
import type { ApprovalRequest } from '../l402-client/approver.js';

/** Timers take no more than 31 bits of milliseconds. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

/** An approver that breaks has not said yes, nor has one that does not answer while anybody waits and the invoice can be paid. */
export async function askApprover(
  { approve, clock }: Pick<ClientContext, 'approve' | 'clock'>,
  request: ApprovalRequest,
  signal: AbortSignal,
): Promise<{ yes: boolean; cause?: unknown }> {
  const answered = new AbortController();
  const leftMs = Math.min(Math.max(request.expiresAtMs - clock.nowMs(), 0), LONGEST_TIMER_MS);
  const tooLate = clock.sleep(leftMs, AbortSignal.any([signal, answered.signal])).then(() => false);
  try {
    // Anything but `true` is no yes, also from callers without types.
    const answer: unknown = await Promise.race([approve?.(request, { signal }), tooLate]);
    return { yes: answer === true };
  } catch (cause) {
    return { yes: false, cause };
  } finally {
    answered.abort();
  }
}

import { createHash } from 'node:crypto';
import type { PayingWallet, PaymentFailureReason, PaymentLookUp, PaymentOutcome, PayRequest } from '../../wallet.js';
import { usualFeeCeilingMsat } from '../../fee-ceiling.js';
import { refuseOtherInvoice } from '../../other-invoice.js';
import type { PaymentRecord } from '../ledger/index.js';
import { pubkeyHexOf, type ReplyFault, type SandboxLightning, type SendRefusal } from '../network/index.js';
import { SANDBOX_INSPECTION } from './sandbox-inspection.js';

/** The paying side of one node, without a network in between; its faults show as the outcomes they have over one. */
export function createSandboxPayer(lightning: SandboxLightning, node: string, after: AfterDelay): PayingWallet {
  return {
    kind: 'sandbox',
    inspect: async () => SANDBOX_INSPECTION,
    close: async () => undefined,
    identity: pubkeyHexOf(lightning.node(node).privateKeyHex),
    network: 'regtest',
    refusesSecondPayment: true,
    feeCeilingMsat: usualFeeCeilingMsat,
    async pay(request) {
      const refused = refuseOtherInvoice(request);
      if (refused !== null) return refused;
      const { invoice, feeLimitMsat } = request;
      const started = lightning.send(node, { invoice, amountMsat: null, feeLimitMsat });
      if (!started.ok) return refusalOutcome(started.refusal, request);
      if (started.reply !== 'whole' && started.reply !== 'twice') return brokenReply(started.reply);
      return finalOutcome(lightning, node, request, after);
    },
    async lookUp(paymentHashHex) {
      return lookUpOf(lightning.findPayment(node, paymentHashHex), lightning.now);
    },
    async balance() {
      return { spendableMsat: lightning.node(node).balanceMsat };
    },
  };
}

/** Runs something later; returns how to call it off. */
export type AfterDelay = (delayMs: number, run: () => void) => () => void;

function brokenReply(reply: ReplyFault): PaymentOutcome {
  const why = reply === 'wrongPreimage' ? 'The wallet told a preimage of something else.' : 'The reply was lost.';
  return { state: 'unknown', detail: why };
}

/** Only a first request for a hash that the node never began is proof of failure. */
function refusalOutcome(refusal: SendRefusal, request: PayRequest): PaymentOutcome {
  const detail = `The node refused: ${refusal.kind}.`;
  const standing = refusal.kind === 'alreadyPaid' || refusal.kind === 'inTransition';
  if (standing) return { state: 'unknown', detail, seenInFlight: true, takenUp: true };
  if (request.mayHaveBeenSentBefore === true) return { state: 'unknown', detail };
  return { state: 'failed', reason: refusal.kind === 'expired' ? 'expired' : 'rejected_before_sending', detail };
}

function finalOutcome(
  lightning: SandboxLightning,
  node: string,
  request: PayRequest,
  after: AfterDelay,
): Promise<PaymentOutcome> {
  return new Promise((resolve) => {
    const finish = (outcome: PaymentOutcome): void => {
      stopListening();
      stopClock();
      resolve(outcome);
    };
    const look = (payment: PaymentRecord | null): void => {
      if (payment === null || payment.node !== node || payment.paymentHashHex !== request.paymentHashHex) return;
      const found = finalOf(payment);
      if (found !== null) finish(found);
    };
    const stopListening = lightning.paymentNews.add(look);
    const stopClock = after(request.timeoutMs, () =>
      finish({
        state: 'unknown',
        detail: 'The payment was still in flight at its time limit.',
        seenInFlight: true,
        takenUp: true,
      }),
    );
    look(lightning.findPayment(node, request.paymentHashHex));
  });
}

function finalOf(payment: PaymentRecord): Exclude<PaymentOutcome, { state: 'unknown' }> | null {
  const { amountMsat, feeMsat, preimageHex } = payment;
  if (payment.state === 'FAILED') return { state: 'failed', reason: reasonOf(payment), detail: payment.failureReason };
  if (payment.state !== 'SUCCEEDED' || preimageHex === null) return null;
  const hashHex = createHash('sha256').update(Buffer.from(preimageHex, 'hex')).digest('hex');
  return hashHex === payment.paymentHashHex ? { state: 'settled', preimageHex, amountMsat, feeMsat } : null;
}

function reasonOf(payment: PaymentRecord): PaymentFailureReason {
  switch (payment.failureReason) {
    case 'FAILURE_REASON_NO_ROUTE':
      return 'no_route';
    case 'FAILURE_REASON_INSUFFICIENT_BALANCE':
      return 'insufficient_balance';
    case 'FAILURE_REASON_INCORRECT_PAYMENT_DETAILS':
      return 'incorrect_payment_details';
    default:
      return 'other';
  }
}

function lookUpOf(payment: PaymentRecord | null, nowMs: number): PaymentLookUp {
  if (payment === null) return { state: 'notFound', walletNowMs: nowMs };
  const final = finalOf(payment);
  if (final === null) return { state: 'inFlight' };
  return final.state === 'failed' ? { ...final, walletNowMs: nowMs, mayBeOfAnother: true } : final;
}

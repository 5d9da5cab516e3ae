import type { InvoicePayer, PaymentLookUp, PaymentOutcome, PayRequest } from '@satway/wallets';
import type { SandboxNetwork } from '@satway/wallets/sandbox';
import { type Lie, replacing } from './lie.js';

type Answer = (outcome: PaymentOutcome, request: PayRequest) => PaymentOutcome;
type When = (outcome: PaymentOutcome, request: PayRequest) => boolean;

const failed: PaymentOutcome = { state: 'failed', reason: 'other', detail: 'It failed.' };
const unknown: PaymentOutcome = { state: 'unknown', detail: 'Nobody knows.' };
const FALSE_PREIMAGE = '77'.repeat(32);

/** Pays as it should, and says something else. */
const answering =
  (when: When, answer: Answer) =>
  (honest: InvoicePayer): InvoicePayer =>
    replacing(honest, {
      pay: async (request) => {
        const outcome = await honest.pay(request);
        return when(outcome, request) ? answer(outcome, request) : outcome;
      },
    });

/** Says something else of payments when it is asked later. */
const finding =
  (answer: (found: PaymentLookUp, paymentHashHex: string) => PaymentLookUp) =>
  (honest: InvoicePayer): InvoicePayer =>
    replacing(honest, { lookUp: async (hash) => answer(await honest.lookUp(hash), hash) });

/** Lets money go that nobody is told of. */
const losing =
  (when: When) =>
  (honest: InvoicePayer, network: SandboxNetwork): InvoicePayer =>
    replacing(honest, {
      pay: async (request) => {
        const outcome = await honest.pay(request);
        if (when(outcome, request)) await loseMoney(honest, network);
        return outcome;
      },
    });

async function loseMoney(honest: InvoicePayer, network: SandboxNetwork): Promise<void> {
  const lost = { amountMsat: 1000, description: 'lost', expirySeconds: 60 };
  const issued = await network.node('seller').issuer.create(lost);
  await honest.pay({ ...issued, feeLimitMsat: 10_000, timeoutMs: 5000 });
}

/** The same on a route that costs something. */
const onDearRoute =
  (baseMsat: number, tell: Lie<InvoicePayer>['tell']): Lie<InvoicePayer>['tell'] =>
  (honest, network) => {
    network.setRoutingFee({ baseMsat, proportionalMillionths: 0 });
    return tell(honest, network);
  };

const settled: When = ({ state }) => state === 'settled';
const lost: When = ({ state }) => state === 'unknown';
const refused: When = ({ state }) => state === 'failed';
const ofAmount =
  (amountMsat: number, when: When = () => true): When =>
  (outcome, request) =>
    request.amountMsat === amountMsat && when(outcome, request);
/** The cases give a payment that is held so little time, and others more. */
const atTimeLimit =
  (again: boolean): When =>
  (outcome, { timeoutMs, mayHaveBeenSentBefore = false }) =>
    outcome.state === 'unknown' && timeoutMs < 5000 && mayHaveBeenSentBefore === again;
const forReason =
  (...reasons: readonly string[]): When =>
  (outcome) =>
    outcome.state === 'failed' && reasons.includes(outcome.reason);
const falsePreimage: Answer = (outcome) =>
  outcome.state === 'settled' ? { ...outcome, preimageHex: FALSE_PREIMAGE } : outcome;
const paidUnproven: Answer = (_outcome, { amountMsat }) => ({
  state: 'settled',
  preimageHex: FALSE_PREIMAGE,
  amountMsat,
  feeMsat: 0,
});
const inFlight: PaymentLookUp = { state: 'inFlight' };
const asNotFound = (): PaymentLookUp => ({ state: 'notFound', walletNowMs: Date.now() });
const asFailed = (): PaymentLookUp => ({ state: 'failed', reason: 'other', detail: 'It failed.', walletNowMs: null });

const NAMES = 'names itself and its network';
const PAYS = 'pays, proves it with the preimage, and costs what it says';
const THE_SAME = 'tells the same when asked again';
const NO_FEE = 'takes no fee where the fee limit is zero, or does not pay';
const SECOND = 'answers unknown to a second payment of the same invoice, which costs nothing';
const AT_ONCE = 'settles one of two payments of one invoice at once, and knows it for both';
const EXPIRED_SINCE = 'says nothing about a paid invoice from its having expired since';
const NO_RECORD = 'has no record of a hash that it never sent, and tells its own time with that';
const LETTERS = 'finds a hash whatever letters its base64 has';
const NO_INVOICE = 'fails for what is no invoice, and for one of another network';
const AMOUNTLESS = 'fails for an invoice without an amount, whatever the caller says';
const EXPIRED_BEFORE = 'fails for an invoice that had expired before it was sent';
const NO_ROUTE = 'fails for a payee that nobody can reach';
const OF_ANOTHER = 'says of a failure on record that another program may have made it';
const CANCELLED = 'fails when the payee has cancelled, without cost';
const TOO_SMALL = 'fails when the balance is too small';
const EXPIRED = 'fails for an expired invoice that was never sent, and knows nothing of one that may have been';
const LATER_SETTLED = 'answers unknown at its time limit, finds the payment in flight, and later settled';
const LATER_FAILED = 'answers unknown at its time limit, finds the payment in flight, and later failed';
const SECOND_TRY = 'tells the truth about a second try of an invoice that failed';

/** Lies about money that reached somebody. */
const aboutPayments: readonly Lie<InvoicePayer>[] = [
  { lie: 'says failed of a payment that settles', caughtBy: PAYS, tell: answering(settled, () => failed) },
  { lie: 'does not know of a payment that settles', caughtBy: PAYS, tell: answering(settled, () => unknown) },
  { lie: 'shows a preimage of something else', caughtBy: PAYS, tell: answering(settled, falsePreimage) },
  { lie: 'takes more than it says', caughtBy: PAYS, tell: losing(ofAmount(3000, settled)) },
  {
    lie: 'tells a fee that it did not take',
    caughtBy: PAYS,
    tell: answering(settled, (outcome) => (outcome.state === 'settled' ? { ...outcome, feeMsat: 1 } : outcome)),
  },
  {
    lie: 'tells a smaller amount than it paid',
    caughtBy: PAYS,
    tell: answering(settled, (outcome) => (outcome.state === 'settled' ? { ...outcome, amountMsat: 1 } : outcome)),
  },
  {
    lie: 'tells a balance that never moves',
    caughtBy: PAYS,
    tell: (honest) => replacing(honest, { balance: async () => ({ spendableMsat: 1_000_000 }) }),
  },
  {
    lie: 'takes a fee above its limit',
    caughtBy: PAYS,
    tell: onDearRoute(20_000, (honest) =>
      replacing(honest, { pay: (request) => honest.pay({ ...request, feeLimitMsat: 90_000 }) }),
    ),
  },
  {
    lie: 'takes a fee where it may take none',
    caughtBy: NO_FEE,
    tell: onDearRoute(50, (honest) =>
      replacing(honest, { pay: (request) => honest.pay({ ...request, feeLimitMsat: 10_000 }) }),
    ),
  },
  {
    lie: 'tells a fee for what cost none',
    caughtBy: NO_FEE,
    tell: answering(ofAmount(2000, settled), (outcome) =>
      outcome.state === 'settled' ? { ...outcome, feeMsat: 1 } : outcome,
    ),
  },
  {
    lie: 'does not know what became of a payment that it refused for its fee',
    caughtBy: NO_FEE,
    tell: onDearRoute(
      50,
      answering(refused, () => unknown),
    ),
  },
  {
    lie: 'takes money for a payment that it refuses for its fee',
    caughtBy: NO_FEE,
    tell: onDearRoute(50, losing(refused)),
  },
  { lie: 'forgets what it paid', caughtBy: THE_SAME, tell: finding(asNotFound) },
  {
    lie: 'shows another preimage when it is asked later',
    caughtBy: THE_SAME,
    tell: finding((found) => (found.state === 'settled' ? { ...found, preimageHex: FALSE_PREIMAGE } : found)),
  },
];

/** Lies about one invoice that is paid again. */
const aboutSecondPayments: readonly Lie<InvoicePayer>[] = [
  { lie: 'pays again when it is asked again', caughtBy: SECOND, tell: losing(ofAmount(2000, lost)) },
  { lie: 'says failed to a second payment', caughtBy: SECOND, tell: answering(lost, () => failed) },
  {
    lie: 'loses sight of a payment that it was asked for again',
    caughtBy: SECOND,
    tell: (honest) => {
      const again = new Set<string>();
      const pay = (request: PayRequest) => {
        if (request.mayHaveBeenSentBefore === true) again.add(request.paymentHashHex);
        return honest.pay(request);
      };
      const lookUp = async (hash: string) => (again.has(hash) ? inFlight : honest.lookUp(hash));
      return replacing(honest, { pay, lookUp });
    },
  },
  { lie: 'pays twice when it is asked twice at once', caughtBy: AT_ONCE, tell: losing(ofAmount(4000, lost)) },
  { lie: 'admits neither of two payments at once', caughtBy: AT_ONCE, tell: answering(ofAmount(4000), () => unknown) },
  {
    lie: 'shows a preimage of something else to two at once',
    caughtBy: AT_ONCE,
    tell: answering(ofAmount(4000), falsePreimage),
  },
  {
    lie: 'says failed to the later of two at once',
    caughtBy: AT_ONCE,
    tell: answering(ofAmount(4000, lost), () => failed),
  },
  {
    lie: 'says failed of a paid invoice because it has expired since',
    caughtBy: EXPIRED_SINCE,
    tell: answering(
      (outcome) => outcome.state === 'unknown' && outcome.detail.includes('expired'),
      () => failed,
    ),
  },
  { lie: 'pays again once the invoice has expired', caughtBy: EXPIRED_SINCE, tell: losing(ofAmount(1000, lost)) },
  {
    lie: 'forgets what it paid once the invoice has expired',
    caughtBy: EXPIRED_SINCE,
    tell: (honest, network) =>
      finding((found, hash) => {
        const invoice = network.lightning.findInvoice('seller', hash);
        const expiresAtMs = ((invoice?.createdAtSeconds ?? 0) + (invoice?.expirySeconds ?? 0)) * 1000;
        return network.lightning.now > expiresAtMs ? asNotFound() : found;
      })(honest),
  },
];

/** Lies about what cannot be paid, and about what was never asked for. */
const aboutRefusals: readonly Lie<InvoicePayer>[] = [
  { lie: 'has no name', caughtBy: NAMES, tell: (honest) => replacing(honest, { identity: '' }) },
  { lie: 'is on another network', caughtBy: NAMES, tell: (honest) => replacing(honest, { network: 'bitcoin' }) },
  {
    lie: 'has a fee ceiling that is no whole number',
    caughtBy: 'says how much a fee can be at most',
    tell: (honest) => replacing(honest, { feeCeilingMsat: (amountMsat) => amountMsat / 300 }),
  },
  {
    lie: 'has a balance that is no whole number',
    caughtBy: 'tells a balance in whole millisatoshis',
    tell: (honest) => replacing(honest, { balance: async () => ({ spendableMsat: 1.5 }) }),
  },
  {
    lie: 'has failed payments of invoices that it never saw',
    caughtBy: NO_RECORD,
    tell: finding((found) => (found.state === 'notFound' ? asFailed() : found)),
  },
  {
    lie: 'takes every failure on record for that of its own request',
    caughtBy: OF_ANOTHER,
    tell: finding((found) => (found.state === 'failed' ? { ...found, mayBeOfAnother: false } : found)),
  },
  {
    lie: 'has a clock that is an hour off',
    caughtBy: NO_RECORD,
    tell: finding(() => ({ state: 'notFound', walletNowMs: Date.now() - 3_600_000 })),
  },
  {
    lie: 'takes a hash for another one',
    caughtBy: LETTERS,
    tell: finding((found, hash) => (hash.startsWith('fb') ? asFailed() : found)),
  },
  {
    lie: 'does not know of what is no invoice',
    caughtBy: NO_INVOICE,
    tell: answering(
      (_outcome, { invoice }) => invoice.length < 20,
      () => unknown,
    ),
  },
  {
    lie: 'does not know of an invoice of another network',
    caughtBy: NO_INVOICE,
    tell: answering(
      (_outcome, { invoice }) => invoice.startsWith('lnbc1') || /^lnbc\d/.test(invoice),
      () => unknown,
    ),
  },
  {
    lie: 'calls an invoice without an amount paid',
    caughtBy: AMOUNTLESS,
    tell: answering((outcome) => JSON.stringify(outcome).includes('amountMissing'), paidUnproven),
  },
  {
    lie: 'does not know of an invoice that had expired',
    caughtBy: EXPIRED_BEFORE,
    tell: answering(forReason('expired'), () => unknown),
  },
  { lie: 'takes money for an invoice that it refuses', caughtBy: EXPIRED_BEFORE, tell: losing(forReason('expired')) },
  {
    lie: 'does not know of a payee that is not there',
    caughtBy: NO_ROUTE,
    tell: answering(forReason('no_route'), () => unknown),
  },
  {
    lie: 'gives another reason for a payee that is not there',
    caughtBy: NO_ROUTE,
    tell: answering(forReason('no_route'), () => failed),
  },
  { lie: 'does not know of a cancelled invoice', caughtBy: CANCELLED, tell: answering(refused, () => unknown) },
  { lie: 'forgets what failed', caughtBy: CANCELLED, tell: finding(asNotFound) },
  { lie: 'does not know of a balance that is too small', caughtBy: TOO_SMALL, tell: answering(refused, () => unknown) },
  {
    lie: 'does not know of an invoice that expired before it came',
    caughtBy: EXPIRED,
    tell: answering(forReason('expired'), () => unknown),
  },
  {
    lie: 'says failed of an expired invoice that may have been sent before',
    caughtBy: EXPIRED,
    tell: answering(lost, () => failed),
  },
];

/** Lies about money that is neither gone nor back. */
const aboutHeldPayments: readonly Lie<InvoicePayer>[] = [
  {
    lie: 'says failed at its time limit, and settles later',
    caughtBy: LATER_SETTLED,
    tell: answering(atTimeLimit(false), () => failed),
  },
  {
    lie: 'says failed when what is in flight is sent again',
    caughtBy: LATER_SETTLED,
    tell: answering(atTimeLimit(true), () => failed),
  },
  {
    lie: 'knows nothing of what is in flight',
    caughtBy: LATER_SETTLED,
    tell: finding((found) => (found.state === 'inFlight' ? asNotFound() : found)),
  },
  {
    lie: 'calls failed what is in flight',
    caughtBy: LATER_SETTLED,
    tell: finding((found) => (found.state === 'inFlight' ? asFailed() : found)),
  },
  {
    lie: 'never lets go of what has settled',
    caughtBy: LATER_SETTLED,
    tell: finding((found) => (found.state === 'settled' ? inFlight : found)),
  },
  {
    lie: 'shows a preimage of something else once it has settled',
    caughtBy: LATER_SETTLED,
    tell: finding((found) => (found.state === 'settled' ? { ...found, preimageHex: FALSE_PREIMAGE } : found)),
  },
  {
    lie: 'tells a fee later that it did not take',
    caughtBy: LATER_SETTLED,
    tell: finding((found) => (found.state === 'settled' ? { ...found, feeMsat: found.feeMsat + 1 } : found)),
  },
  {
    lie: 'never lets go of what has failed',
    caughtBy: LATER_FAILED,
    tell: finding((found) => (found.state === 'failed' ? inFlight : found)),
  },
  {
    lie: 'does not know of a second try',
    caughtBy: SECOND_TRY,
    tell: answering(ofAmount(6000), () => unknown),
  },
  {
    lie: 'calls a second try settled that failed',
    caughtBy: SECOND_TRY,
    tell: answering(ofAmount(6000, refused), paidUnproven),
  },
  {
    lie: 'takes money for a second try that fails',
    caughtBy: SECOND_TRY,
    tell: losing(ofAmount(6000, refused)),
  },
];

export const payerLies: readonly Lie<InvoicePayer>[] = [
  ...aboutPayments,
  ...aboutSecondPayments,
  ...aboutRefusals,
  ...aboutHeldPayments,
];

import { isSatwayError } from '@satway/base';
import type { InvoicePayer } from '../../wallet.js';
import type { ConformanceCase, ConformanceNeed } from '../conformance-case.js';
import type { SpendingLimit } from './spending-limit.js';

/** What became of one case. A case that could not run is never one that passed. */
export interface CaseResult {
  readonly side: 'receive' | 'pay';
  readonly name: string;
  readonly verdict: 'passed' | 'failed' | 'notRun';
  /** Why it failed or did not run; `null` where it passed. No secret. */
  readonly detail: string | null;
  /** What it took out of the paying wallet, fees included. */
  readonly costMsat: number;
}

/** One side of a wallet, ready to be tested. */
export interface Side<Subject> {
  readonly side: CaseResult['side'];
  readonly cases: readonly ConformanceCase<Subject>[];
  readonly subject: Subject;
  has(need: ConformanceNeed): boolean;
  /** Who pays in these cases, the guarded wallet; `null` where nobody does. */
  readonly payer: InvoicePayer | null;
  /** The most that a payment of these cases may cost in fees. */
  feeLimitMsat(amountMsat: number): number;
}

/** What the cases share. */
export interface RunOptions {
  readonly limit: SpendingLimit;
  readonly onResult?: ((result: CaseResult) => void) | undefined;
  /** Once it is aborted, no further case begins. */
  readonly signal?: AbortSignal | undefined;
}

const WHY_NOT: Readonly<Record<ConformanceNeed, string>> = {
  counterpart: 'It needs a second wallet on the other side.',
  cancel: 'It needs an invoice that somebody can cancel.',
  hold: 'It needs a payment that somebody can hold.',
  onSettled: 'This wallet does not call back.',
  refusesSecondPayment: 'This wallet does not promise to refuse a second payment, so it is not asked for one.',
  boundsFees: 'This wallet cannot bound its fees.',
};

/** Runs the cases one after the other, and those that pay only while the limit allows it. */
export async function runCases<Subject>(side: Side<Subject>, options: RunOptions): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const testCase of side.cases) {
    const result = await runCase(side, testCase, options);
    results.push(result);
    options.onResult?.(result);
  }
  return results;
}

async function runCase<Subject>(
  side: Side<Subject>,
  testCase: ConformanceCase<Subject>,
  options: RunOptions,
): Promise<CaseResult> {
  const { name } = testCase;
  const why = await whyNotRun(side, testCase, options);
  if (why !== null) return { side: side.side, name, verdict: 'notRun', detail: why, costMsat: 0 };
  options.limit.beginCase({ somebodyIsPaid: hasPayee(testCase) });
  const before = await balanceOf(side.payer);
  const { verdict, detail } = await attempt(() => testCase.run(side.subject));
  const costMsat = await options.limit.bookCase(dropSince(before, await balanceOf(side.payer)));
  return { side: side.side, name, verdict, detail, costMsat };
}

async function whyNotRun<Subject>(
  side: Side<Subject>,
  testCase: ConformanceCase<Subject>,
  { limit, signal }: RunOptions,
): Promise<string | null> {
  if (signal?.aborted === true) return 'The run was stopped.';
  const missing = testCase.needs.find((need) => !side.has(need));
  if (missing !== undefined) return WHY_NOT[missing];
  try {
    const sends = await testCase.sendsMsat(side.subject);
    const why =
      sends.length > 0 && side.payer !== null && hasPayee(testCase) ? limit.whyNothingIsPaid(side.payer) : null;
    if (why !== null) return why;
    const worstMsat = sends.reduce((sum, amountMsat) => sum + amountMsat + side.feeLimitMsat(amountMsat), 0);
    return worstMsat > limit.leftMsat ? limitDetail(worstMsat, limit) : null;
  } catch (error) {
    return `What it could cost is not known: ${messageOf(error)}`;
  }
}

/** Without a counterpart, what is sent goes to nobody: invoices that no wallet can pay. */
function hasPayee({ needs }: Pick<ConformanceCase<never>, 'needs'>): boolean {
  return needs.some((need) => need === 'counterpart' || need === 'hold' || need === 'cancel');
}

function limitDetail(worstMsat: number, { leftMsat }: SpendingLimit): string {
  return `It could cost ${worstMsat} msat, and ${Math.max(0, leftMsat)} msat of the limit are left.`;
}

async function attempt(run: () => Promise<void>): Promise<Pick<CaseResult, 'verdict' | 'detail'>> {
  try {
    await run();
    return { verdict: 'passed', detail: null };
  } catch (error) {
    const isOurs = isSatwayError(error, 'WALLET_SPENDING_LIMIT') || isSatwayError(error, 'WALLET_COUNTERPART_FAILED');
    return { verdict: isOurs ? 'notRun' : 'failed', detail: messageOf(error) };
  }
}

/** `null` where the wallet does not tell. */
async function balanceOf(payer: InvoicePayer | null): Promise<number | null> {
  if (payer === null) return null;
  return payer.balance().then(
    ({ spendableMsat }) => spendableMsat,
    () => null,
  );
}

function dropSince(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : Math.max(0, before - after);
}

function messageOf(error: unknown): string {
  if (!isSatwayError(error)) return 'The case ended with an error that is none of ours.';
  return error.code === 'WALLET_PROMISE_BROKEN' ? (error.detail ?? error.message) : `${error.code}: ${error.message}`;
}

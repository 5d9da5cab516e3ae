import { SatwayError } from '@satway/base';
import { decodeInvoice } from '@satway/protocol';
import type { BitcoinNetwork, InvoiceIssuer, InvoicePayer, WalletKind } from '../../wallet.js';
import { issuerCases, issuerHas, type IssuerSubject } from '../issuer/index.js';
import { payerCases, payerHas, type PayerSubject } from '../payer/index.js';
import { issuerTraitsOf, payerTraitsOf } from '../traits-by-kind.js';
import { type CaseResult, type RunOptions, runCases } from './run-cases.js';
import { SpendingLimit } from './spending-limit.js';

/** A wallet of the user's, as far as its credential goes. */
export interface OwnWallet {
  readonly kind: WalletKind;
  readonly network: BitcoinNetwork | null;
  readonly issuer: InvoiceIssuer | null;
  readonly payer: InvoicePayer | null;
}

export interface WalletTestOptions {
  /** The most that may leave the wallets, both together, fees included. */
  readonly limitMsat: number;
  /** A second wallet on the same network: it issues what the first pays, and pays what the first issues. */
  readonly counterpart?: OwnWallet;
  /**
   * Lets a wallet pay that cannot bound its fees. Each of its payments is then taken to cost as much again as its amount, and at least a satoshi; one that costs more can
   * pass the limit, and is the last. Without it such a wallet pays nobody.
   */
  readonly allowUnboundedFees?: boolean;
  readonly onResult?: (result: CaseResult) => void;
  /** Sets the wallets' clock forward, where somebody can; else the cases wait for real. */
  readonly passTime?: (ms: number) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** What both sides are run with. */
interface Run extends RunOptions {
  readonly waiting: Pick<PayerSubject, 'passTime'>;
}

export interface WalletTestReport {
  readonly results: readonly CaseResult[];
  readonly limitMsat: number;
  /** By the wallets' own books. */
  readonly spentMsat: number;
}

/**
 * Puts the promises of a wallet to the test with the user's own money, within a limit. What the wallet or the limit does not allow is reported as not
 * run. Never throws for what a wallet does.
 */
export async function testWallet(wallet: OwnWallet, options: WalletTestOptions): Promise<WalletTestReport> {
  const { limitMsat, allowUnboundedFees = false, onResult, passTime, signal } = options;
  const limit = new SpendingLimit(limitMsat, { allowUnboundedFees });
  const run: Run = { limit, onResult, signal, waiting: passTime === undefined ? {} : { passTime } };
  const counterpart = options.counterpart ?? null;
  const received =
    wallet.issuer === null
      ? notRun('receive', issuerCases, run)
      : await testIssuer(wallet.issuer, wallet, counterpart, run);
  const paid =
    wallet.payer === null ? notRun('pay', payerCases, run) : await testPayer(wallet.payer, wallet, counterpart, run);
  return { results: [...received, ...paid], limitMsat, spentMsat: limit.spentMsat };
}

/** A side for which the credential has no permission. */
function notRun(
  side: CaseResult['side'],
  cases: readonly { readonly name: string }[],
  { onResult }: RunOptions,
): CaseResult[] {
  const detail = `This credential may not ${side === 'pay' ? 'pay' : 'create invoices'}.`;
  const results = cases.map(({ name }): CaseResult => ({ side, name, verdict: 'notRun', detail, costMsat: 0 }));
  for (const result of results) onResult?.(result);
  return results;
}

function testIssuer(
  issuer: InvoiceIssuer,
  { kind, network }: OwnWallet,
  counterpart: OwnWallet | null,
  run: Run,
): Promise<CaseResult[]> {
  const theirs = counterpart?.payer ?? null;
  const payer = theirs === null ? null : run.limit.guard(theirs);
  const feeLimitMsat = feeLimitFor(payer);
  const pay = payer === null ? {} : { pay: (invoice: string) => payInFull(payer, invoice, feeLimitMsat) };
  const subject: IssuerSubject = { issuer, network, traits: issuerTraitsOf(kind), ...pay, ...run.waiting };
  const has = (need: Parameters<typeof issuerHas>[1]): boolean => issuerHas(subject, need);
  return runCases({ side: 'receive', cases: issuerCases, subject, has, payer, feeLimitMsat }, run);
}

function testPayer(
  ownPayer: InvoicePayer,
  { kind }: OwnWallet,
  counterpart: OwnWallet | null,
  run: Run,
): Promise<CaseResult[]> {
  const payer = run.limit.guard(ownPayer);
  const feeLimitMsat = feeLimitFor(payer);
  const { issuer = null } = counterpart ?? {};
  const createInvoice = (amountMsat: number, expirySeconds: number) =>
    issuer === null ? counterpartFailed('It issues no invoices.') : issueFor(issuer, amountMsat, expirySeconds);
  const subject: PayerSubject = {
    payer,
    network: payer.network,
    traits: payerTraitsOf(kind),
    feeLimitMsat,
    ...run.waiting,
    ...(issuer === null ? {} : { createInvoice }),
  };
  const has = (need: Parameters<typeof payerHas>[1]): boolean => payerHas(subject, need);
  return runCases({ side: 'pay', cases: payerCases, subject, has, payer, feeLimitMsat }, run);
}

/** Room for what the wallet may take at most, or for as much again as the amount where it cannot say. */
function feeLimitFor(payer: InvoicePayer | null): (amountMsat: number) => number {
  return (amountMsat) => payer?.feeCeilingMsat(amountMsat) ?? Math.max(1000, amountMsat);
}

/** Trouble of the second wallet is none of the first one's. */
async function issueFor(issuer: InvoiceIssuer, amountMsat: number, expirySeconds: number) {
  try {
    return await issuer.create({ amountMsat, description: 'satway wallet test', expirySeconds });
  } catch (cause) {
    return counterpartFailed('It could not issue an invoice.', cause);
  }
}

async function payInFull(
  payer: InvoicePayer,
  invoice: string,
  feeLimitMsat: (amountMsat: number) => number,
): Promise<void> {
  const decoded = decodeInvoice(invoice);
  if (!decoded.ok || decoded.value.amountMsat === null) return counterpartFailed('The invoice cannot be read.');
  const amountMsat = Number(decoded.value.amountMsat);
  const { paymentHashHex } = decoded.value;
  const bounds = { amountMsat, feeLimitMsat: feeLimitMsat(amountMsat), timeoutMs: 60_000 };
  const outcome = await payer.pay({ invoice, paymentHashHex, ...bounds });
  if (outcome.state !== 'settled') return counterpartFailed(`Its payment is ${outcome.state}: ${outcome.detail}`);
}

function counterpartFailed(detail: string, cause?: unknown): never {
  throw new SatwayError('WALLET_COUNTERPART_FAILED', { detail, cause });
}

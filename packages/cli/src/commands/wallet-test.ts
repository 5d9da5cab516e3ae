import { SatwayError } from '@satway/base';
import type { CaseResult, OwnWallet, WalletTestReport } from '@satway/wallets/conformance';
import type { Command } from 'commander';
import colors from 'picocolors';
import { formatMsat, parseSats } from '../amounts.js';
import { EXIT } from '../exit-codes.js';
import { ExitSignal } from '../exit-signal.js';
import { createOutput, type Output } from '../output/index.js';
import { confirm } from '../wallet/confirm.js';
import { openBothSides, type OpenedWallet } from '../wallet/open-both-sides.js';
import { readWallet, type WalletOptions } from '../wallet/use-wallet.js';

interface TestOptions extends WalletOptions {
  readonly maxSats: number;
  readonly counterpartFile?: string;
  readonly allowUnboundedFees?: boolean;
  readonly yes?: boolean;
}

const HELP = `
These are the cases that every wallet of Satway is held to. Alone, a wallet makes invoices and refuses what cannot be paid, which costs nothing. With a second
one on the same network, real money goes from one to the other, a few satoshis at a time: no payment is sent that could pass the limit, and what was
spent is read from the wallets' own books. What could not run is listed as such, with the reason: a credential that only
receives shows what a wallet that receives must do.

A wallet that cannot bound its fees (Nostr Wallet Connect) can pass any limit, so it pays nothing unless --allow-unbounded-fees is given. Then each of its
payments is taken to cost as much again as its amount; the first that costs more is the last.

Exit codes: 0 nothing failed; 1 a case failed, or the run was stopped; 2 called wrongly; 6 a wallet cannot be reached.

Examples:
  satway wallet test
  satway wallet test --max-sats 100 --counterpart-file seller.yaml`;

/** `satway wallet test`: the conformance suite against one's own wallet. */
export function addWalletTestCommand(wallet: Command): void {
  wallet
    .command('test')
    .description('Hold the wallet to what every wallet must do, within a spending limit.')
    .option('--wallet-file <file>', 'file that names the wallet')
    .option('--counterpart-file <file>', 'file that names a second wallet, which pays and is paid')
    .option('--max-sats <sats>', 'most that may leave the two wallets, fees included', parseSats, 100)
    .option('--allow-unbounded-fees', 'let a wallet pay that cannot bound its fees: a payment can pass the limit')
    .option('--yes', 'spend up to the limit without asking')
    .option('--json', 'print JSON, one object a line')
    .addHelpText('after', HELP)
    .action((options: TestOptions) => runTest(options));
}

async function runTest(options: TestOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const mine = await openBothSides(await readWallet(options, null, output));
  try {
    const other = await openCounterpart(options, output);
    try {
      if (other !== null) await agree(mine.wallet, other.wallet, options);
      const stop = stopAtSignal(output);
      tellReport(await runCases(mine.wallet, other?.wallet ?? null, options, { output, stop }), output);
      if (stop.aborted) throw new ExitSignal(EXIT.failure);
    } finally {
      await other?.close();
    }
  } finally {
    await mine.close();
  }
}

async function openCounterpart(
  { counterpartFile, ...options }: TestOptions,
  output: Output,
): Promise<OpenedWallet | null> {
  if (counterpartFile === undefined) return null;
  return openBothSides(await readWallet({ ...options, walletFile: counterpartFile }, null, output));
}

/** Two wallets that can pay each other, and the owner's word where it is real money. */
async function agree(mine: OwnWallet, other: OwnWallet, options: TestOptions): Promise<void> {
  const { maxSats, allowUnboundedFees, yes } = options;
  if (mine.network !== null && other.network !== null && mine.network !== other.network) {
    throw new SatwayError('CLI_USAGE', { detail: `One wallet is on ${mine.network}, the other on ${other.network}.` });
  }
  if (mine.payer !== null && mine.payer.identity === other.payer?.identity) {
    throw new SatwayError('CLI_USAGE', { detail: 'Both are the same wallet, which cannot pay itself.' });
  }
  const isRealMoney = mine.network === 'bitcoin' || other.network === 'bitcoin';
  if (!isRealMoney || yes === true) return;
  const more = allowUnboundedFees === true ? ', and more where a fee cannot be bounded' : '';
  const isAgreed = await confirm(`Up to ${formatMsat(maxSats * 1000)} may leave the two wallets${more}. Go on?`);
  if (!isAgreed) throw new ExitSignal(EXIT.failure);
}

async function runCases(
  mine: OwnWallet,
  other: OwnWallet | null,
  { maxSats, allowUnboundedFees = false }: TestOptions,
  { output, stop }: { readonly output: Output; readonly stop: AbortSignal },
): Promise<WalletTestReport> {
  // The other commands of the wallet start without it.
  const { testWallet } = await import('@satway/wallets/conformance');
  return testWallet(mine, {
    limitMsat: maxSats * 1000,
    allowUnboundedFees,
    ...(other === null ? {} : { counterpart: other }),
    onResult: (result) => tellResult(result, output),
    signal: stop,
  });
}

/** The case under way goes on to its end, so that its payments are booked; a second signal ends the process. */
function stopAtSignal(output: Output): AbortSignal {
  const stop = new AbortController();
  process.once('SIGINT', () => {
    stop.abort();
    output.note('Stopping after this case.');
  });
  return stop.signal;
}

const MARKS = {
  passed: colors.green('passed'),
  failed: colors.red('failed'),
} as const;

function tellResult(result: CaseResult, output: Output): void {
  output.event({ event: 'case', ...result });
  if (result.verdict === 'notRun') return;
  output.line(`${MARKS[result.verdict]}  ${result.side.padEnd(7)}  ${result.name}`);
  if (result.detail !== null) output.line(`                 ${result.detail}`);
}

/** What did not run, by the reason. */
function tellNotRun(results: readonly CaseResult[], output: Output): void {
  const notRun = results.filter(({ verdict }) => verdict === 'notRun');
  for (const why of new Set(notRun.map(({ detail }) => detail))) {
    output.line();
    output.line(`${colors.yellow('not run')}  ${why}`);
    for (const { side, name } of notRun.filter(({ detail }) => detail === why)) {
      output.line(`         ${side.padEnd(7)}  ${name}`);
    }
  }
}

function tellReport({ results, spentMsat, limitMsat }: WalletTestReport, output: Output): void {
  tellNotRun(results, output);
  const count = (wanted: CaseResult['verdict']): number => results.filter(({ verdict }) => verdict === wanted).length;
  const [passed, failed, notRun] = [count('passed'), count('failed'), count('notRun')];
  output.event({ event: 'done', passed, failed, notRun, spentMsat, limitMsat });
  output.line();
  output.line(
    `${passed} passed, ${failed} failed, ${notRun} not run. Spent ${formatMsat(spentMsat)} of ${formatMsat(limitMsat)}.`,
  );
  if (failed > 0) throw new ExitSignal(EXIT.failure);
}

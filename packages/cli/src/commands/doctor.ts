import type { Command } from 'commander';
import { Option } from 'commander';
import colors from 'picocolors';
import { parseSats } from '../amounts.js';
import { type Check, type DoctorOptions, gatherFacts, judgeFacts, type Verdict } from '../doctor/index.js';
import { EXIT } from '../exit-codes.js';
import { ExitSignal } from '../exit-signal.js';
import { createOutput, type Output } from '../output/index.js';
import { WALLET_HELP } from '../wallet/choose-wallet.js';

const HELP = `
It looks and never moves anything: the wallet and what its credential may do, budgets, files and their rights, keys, clocks, payments
without a known end. With --config it looks at a gateway (its wallets, keys and store), else at the buying side;
at the selling side where the environment names nothing but the invoice key of an LNbits.

${WALLET_HELP}

Other variables: BUDGET_SATS and MAX_AUTO_PAY_SATS, the limits of the buying side; SATWAY_MAX_BALANCE_SATS, what may be lost with the wallet.

Exit codes: 0 when no line says "fail", else 1; 2 called wrongly.

Examples:
  satway doctor --config satway.yaml
  satway doctor --wallet-file buyer.yaml --max-balance-sats 50000 --json`;

/** `satway doctor`: what stands between this set-up and real money. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('Go through the production checklist: wallet, credential, budgets, files, keys, clock.')
    .option('--config <file>', "a gateway's configuration; its wallets are looked at")
    .option('--wallet-file <file>', 'file that names the wallet')
    .addOption(new Option('--role <role>', 'what the wallet is for').choices(['pay', 'receive']))
    .option('--max-balance-sats <sats>', 'the most that may be lost with the wallet', parseSats)
    .option('--store <file>', 'file of purchases')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action((options: DoctorOptions & { readonly json?: boolean }) => examine(options));
}

async function examine({ json, ...options }: DoctorOptions & { readonly json?: boolean }): Promise<void> {
  const output = createOutput(json === true);
  const checks = judgeFacts(await gatherFacts(options, process.env, process.cwd()));
  output.event({ checks });
  for (const check of checks) printCheck(check, output);
  printSum(checks, output);
  if (checks.some(({ verdict }) => verdict === 'fail')) throw new ExitSignal(EXIT.failure);
}

const MARKS: Readonly<Record<Verdict, string>> = {
  ok: colors.green('ok  '),
  warn: colors.yellow('warn'),
  fail: colors.red('fail'),
};

function printCheck({ id, verdict, detail, fix }: Check, output: Output): void {
  output.line(`${MARKS[verdict]}  ${id.padEnd(20)}  ${detail}${fix === '' ? '' : ` ${colors.bold('→')} ${fix}`}`);
}

function printSum(checks: readonly Check[], output: Output): void {
  const count = (wanted: Verdict): number => checks.filter(({ verdict }) => verdict === wanted).length;
  output.line();
  output.line(`${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed.`);
}

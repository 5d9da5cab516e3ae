import { readFileSync } from 'node:fs';
import { SatwayError } from '@satway/base';
import { Command, CommanderError } from 'commander';
import { EXIT, exitCodeOf } from './exit-codes.js';
import { ExitSignal } from './exit-signal.js';
import { createOutput, reportError } from './output/index.js';
import { systemError } from './system-error.js';

/**
 * The commands, in the order of the help. Loaded only where they run or are listed: what they are made of is most of the time that a command takes to start.
 */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  demo: async () => (await import('./commands/demo.js')).addDemoCommand,
  gateway: async () => (await import('./commands/gateway.js')).addGatewayCommand,
  pay: async () => (await import('./commands/pay.js')).addPayCommand,
  mcp: async () => (await import('./commands/mcp.js')).addMcpCommand,
  sandbox: async () => (await import('./commands/sandbox.js')).addSandboxCommand,
  wallet: async () => (await import('./commands/wallet.js')).addWalletCommand,
  payments: async () => (await import('./commands/payments.js')).addPaymentsCommand,
  receipts: async () => (await import('./commands/receipts.js')).addReceiptsCommand,
  budget: async () => (await import('./commands/budget.js')).addBudgetCommand,
  approve: async () => (await import('./commands/approve.js')).addApproveCommand,
  credentials: async () => (await import('./commands/credentials.js')).addCredentialsCommand,
  keys: async () => (await import('./commands/keys.js')).addKeysCommand,
  doctor: async () => (await import('./commands/doctor.js')).addDoctorCommand,
};

/**
 * Runs the `satway` command.
 *
 * @param args - what follows the command's name.
 * @returns the exit code, one of `EXIT`; errors were told on stderr.
 */
export async function runSatway(args: readonly string[]): Promise<number> {
  // A reader that has enough closes the pipe; what runs goes on to its end and clears up.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const json = args.includes('--json');
  try {
    const program = await createProgram({ quiet: json, named: args[0] });
    await program.parseAsync(args, { from: 'user' });
    return EXIT.ok;
  } catch (thrown) {
    if (thrown instanceof ExitSignal) return thrown.code;
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.ok;
    // For people it was said already, in the words of the command line's own reader.
    if (thrown instanceof CommanderError && !json) return EXIT.usage;
    const error =
      thrown instanceof CommanderError
        ? usageError(thrown)
        : (systemError(thrown, mayPay(args) ? 'unknown' : 'no') ?? thrown);
    reportError(error, createOutput(json));
    return exitCodeOf(error);
  }
}

/** Whether the command is one of those that can move money. */
function mayPay([name = '']: readonly string[]): boolean {
  return ['demo', 'mcp', 'pay', 'wallet'].includes(name);
}

function usageError({ code, message }: CommanderError): SatwayError {
  // `--json` stands for all that is left when no command is named.
  const isNameless = code === 'commander.help' || message.includes("unknown option '--json'");
  const detail = isNameless ? 'It lacks a command.' : message.replace(/^error: /, '').replaceAll('\n', ' ');
  return new SatwayError('CLI_USAGE', { detail });
}

/**
 * The command line, as it is defined; the test of docs/cli.md reads it too.
 *
 * @param options.quiet - leaves errors to whoever runs it.
 * @param options.named - a command that need only be there itself; without one, or with a name that is none, all are.
 */
export async function createProgram(
  options: { readonly quiet?: boolean; readonly named?: string | undefined } = {},
): Promise<Command> {
  const { quiet = false, named = '' } = options;
  const program = new Command('satway')
    .description('Sell HTTP APIs for sats over Lightning, and buy them inside limits that hold.')
    .version(readVersion())
    .exitOverride()
    .configureOutput(quiet ? { writeErr: () => undefined } : {})
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      '\nFirst steps:\n  satway demo             watch one paid request\n  satway gateway init     write a first configuration\n  satway doctor           see what stands between this set-up and real money',
    );
  const isOne = Object.hasOwn(COMMANDS, named);
  const wanted = Object.entries(COMMANDS).filter(([name]) => !isOne || name === named);
  for (const add of await Promise.all(wanted.map(([, load]) => load()))) add(program);
  return program;
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  throw new SatwayError('INTERNAL', { detail: 'The package has no version.' });
}

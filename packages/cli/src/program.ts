import { readFileSync } from 'node:fs';
import { SatwayError } from '@satway/base';
import { Command, CommanderError } from 'commander';
import { addApproveCommand } from './commands/approve.js';
import { addBudgetCommand } from './commands/budget.js';
import { addCredentialsCommand } from './commands/credentials.js';
import { addDemoCommand } from './commands/demo.js';
import { addDoctorCommand } from './commands/doctor.js';
import { addGatewayCommand } from './commands/gateway.js';
import { addKeysCommand } from './commands/keys.js';
import { addMcpCommand } from './commands/mcp.js';
import { addPayCommand } from './commands/pay.js';
import { addPaymentsCommand } from './commands/payments.js';
import { addReceiptsCommand } from './commands/receipts.js';
import { addSandboxCommand } from './commands/sandbox.js';
import { addWalletCommand } from './commands/wallet.js';
import { EXIT, exitCodeOf } from './exit-codes.js';
import { ExitSignal } from './exit-signal.js';
import { createOutput, reportError } from './output/index.js';
import { systemError } from './system-error.js';

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
    await createProgram(json).parseAsync(args, { from: 'user' });
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
 * The whole command line, as it is defined; the test of docs/cli.md reads it too.
 *
 * @param quiet - leaves errors to whoever runs it.
 */
export function createProgram(quiet = false): Command {
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
  addDemoCommand(program);
  addGatewayCommand(program);
  addPayCommand(program);
  addMcpCommand(program);
  addSandboxCommand(program);
  addWalletCommand(program);
  addPaymentsCommand(program);
  addReceiptsCommand(program);
  addBudgetCommand(program);
  addApproveCommand(program);
  addCredentialsCommand(program);
  addKeysCommand(program);
  addDoctorCommand(program);
  return program;
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  throw new SatwayError('INTERNAL', { detail: 'The package has no version.' });
}

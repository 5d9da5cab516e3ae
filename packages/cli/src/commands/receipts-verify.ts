import { readFile, stat } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { SatwayError } from '@satway/base';
import { type FileFault, type ReceiptVerification, verifyReceipts } from '@satway/client';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { ExitSignal } from '../exit-signal.js';
import { createOutput, type Output, plainText } from '../output/index.js';

interface VerifyOptions {
  readonly requireProof?: boolean;
  readonly json?: boolean;
}

/** Larger files are refused rather than read into memory. */
const MAX_BYTES = 256 * 1024 * 1024;

const HELP = `
Asks nobody, and needs neither store nor wallet. Each receipt is held against the signed invoice in it; its preimage, where it is there, must be that of the invoice;
and all sums must add up. Which node signed is said by the receipt: whether that node is the seller's is for you to know.

Exit codes: 0 all hold; 1 at least one does not, or is not proven with --require-proof; 2 it is no file of receipts.`;

/** `satway receipts verify`. */
export function addReceiptsVerifyCommand(receipts: Command): void {
  receipts
    .command('verify')
    .description('Verify a file of receipts, offline.')
    .argument('<file>', 'a file as "satway receipts export" writes it; - for stdin')
    .option('--require-proof', 'fail where a receipt comes without its preimage')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action((file: string, options: VerifyOptions) => verify(file, options));
}

async function verify(file: string, options: VerifyOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const found = verifyReceipts(await read(file));
  const unproven = found.count - found.proven;
  const isGood = found.faults.length === 0 && (options.requireProof !== true || unproven === 0);
  tell(found, isGood, output);
  if (!isGood) throw new ExitSignal(EXIT.failure);
}

async function read(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    if ((await stat(file)).size <= MAX_BYTES) return await readFile(file, 'utf8');
  } catch (cause) {
    throw new SatwayError('CLI_USAGE', { detail: `The file cannot be read: ${file}.`, cause });
  }
  throw new SatwayError('RECEIPT_INVALID', { detail: 'It is larger than 256 MiB.' });
}

function tell(found: ReceiptVerification, isGood: boolean, output: Output): void {
  const { count, proven, totals, faults } = found;
  output.event({ ok: isGood, count, proven, totals, faults });
  for (const fault of faults) output.line(lineFor(fault));
  output.line(
    `${count} receipts, ${totals.totalMsat} msat: ${proven} proven, ${count - proven} without proof, ${faults.length} faults.`,
  );
}

function lineFor({ line, number, paymentHash, fault, detail }: FileFault): string {
  const place = line === null ? '' : `line ${line}, `;
  const receipt = number === null ? 'the file' : `${place}receipt ${number}`;
  const hash = paymentHash === null ? '' : ` (${paymentHash.slice(0, 16)}…)`;
  return `${receipt}${hash}: ${fault.replace('_', ' ')}: ${plainText(detail).slice(1, -1)}`;
}

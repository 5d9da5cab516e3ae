import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SatwayError } from '@satway/base';
import { collectReceipts, type ReceiptFormat, type ReceiptQuery, writeReceipts } from '@satway/client';
import { type Command, Option } from 'commander';
import { parseMoment } from '../moments.js';
import { createOutput } from '../output/index.js';
import { withPurchases } from '../payments/index.js';

interface ExportOptions {
  readonly format: ReceiptFormat;
  readonly since?: number;
  readonly until?: number;
  readonly host?: string;
  readonly withPreimages?: boolean;
  readonly output?: string;
  readonly store?: string;
}

const HELP = `
Macaroons are never in it, nor the queries of addresses. A preimage is the proof of a payment, and whoever has it can claim to have paid: it comes along only
with --with-preimages. Without it a receipt still says what the invoice asked for, and proves nothing.

Examples:
  satway receipts export --since 2026-01-01 --until 2026-02-01 --format csv -o january.csv
  satway receipts export --with-preimages -o proof.json && satway receipts verify proof.json`;

/** `satway receipts export`. */
export function addReceiptsExportCommand(receipts: Command): void {
  receipts
    .command('export')
    .description('Write a receipt for every payment that is known to be settled.')
    .addOption(new Option('--format <format>', 'form of the file').choices(['json', 'csv']).default('json'))
    .option('--since <moment>', 'only what was paid since then: a date, a time, or 30m, 24h, 7d', parseMoment)
    .option('--until <moment>', 'only what was paid before then', parseMoment)
    .option('--host <host>', 'only what was paid to this seller, host or host:port')
    .option('--with-preimages', 'with the proofs of payment')
    .option('-o, --output <file>', 'write it there, for the owner alone, instead of to stdout')
    .option('--store <file>', 'file of purchases')
    .addHelpText('after', HELP)
    .action((options: ExportOptions) => exportReceipts(options));
}

async function exportReceipts(options: ExportOptions): Promise<void> {
  const { format, store, output } = options;
  await withPurchases(
    store,
    (opened) => write(writeReceipts(format, collectReceipts(opened, queryOf(options))), output),
    () => write(writeReceipts(format, []), output),
  );
  if (output !== undefined) createOutput(false).note(`Written to ${output}.`);
}

function queryOf({ since, until, host, withPreimages }: ExportOptions): ReceiptQuery {
  return {
    ...(since === undefined ? {} : { sinceMs: since }),
    ...(until === undefined ? {} : { untilMs: until }),
    ...(host === undefined ? {} : { host }),
    withPreimages: withPreimages === true,
  };
}

/** A file is there whole or not at all. */
async function write(pieces: Iterable<string>, file: string | undefined): Promise<void> {
  if (file === undefined) return writeOut(pieces);
  const unfinished = `${file}.${process.pid}.part`;
  try {
    await pipeline(Readable.from(pieces), createWriteStream(unfinished, { mode: 0o600, flags: 'wx' }));
    await rename(unfinished, file);
  } catch (cause) {
    await rm(unfinished, { force: true });
    if (cause instanceof SatwayError) throw cause;
    throw new SatwayError('CLI_USAGE', { detail: `The file of -o cannot be written: ${file}.`, cause });
  }
}

/** A reader that has enough closes the pipe, and has what it wanted. */
async function writeOut(pieces: Iterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(pieces), process.stdout, { end: false });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  }
}

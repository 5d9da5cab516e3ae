import type { Command } from 'commander';
import { addReceiptsExportCommand } from './receipts-export.js';
import { addReceiptsVerifyCommand } from './receipts-verify.js';

/** `satway receipts`: what was paid, for the books. */
export function addReceiptsCommand(program: Command): void {
  const receipts = program
    .command('receipts')
    .description('Write receipts for what was paid, and verify files of them.');
  addReceiptsExportCommand(receipts);
  addReceiptsVerifyCommand(receipts);
}

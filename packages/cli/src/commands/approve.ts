import { existsSync } from 'node:fs';
import { SatwayError } from '@satway/base';
import { type Approval, type ApprovalDecision, openPurchaseStore, type PurchaseStore } from '@satway/client';
import { describeApproval, formatSats, invoiceAsQrText } from '@satway/mcp/approval';
import type { Command } from 'commander';
import { createOutput, type Output } from '../output/index.js';
import { purchaseStorePathIn } from '../pay/satway-home.js';
import { ask } from '../wallet/confirm.js';
import { whoIsHere } from '../wallet/resolve/index.js';

interface ApproveOptions {
  readonly list?: boolean;
  readonly deny?: boolean;
  readonly qr?: boolean;
  readonly store?: string;
  readonly json?: boolean;
}

const HELP = `
A program that may not spend this much by itself (the MCP server, above MAX_AUTO_PAY_SATS) has put the purchase up and waits. The yes holds for this very
invoice, request, price and fee ceiling, once, until it expires. It is asked for at a terminal, and there is no option that says it: whatever a script could give, an
agent that was told of the payment has read.

Run it yourself. An agent that may run commands on this machine as you could run this one too: see docs/approval.md for what protects you then.

Exit codes: 0 listed, approved or denied; 1 there is no such purchase, or it is over; 2 called wrongly, or not answered with yes or no.

Examples:
  satway approve --list
  satway approve K7QX2M9A
  satway approve --deny K7QX2M9A`;

/** `satway approve`: a person's yes or no to a purchase that waits. */
export function addApproveCommand(program: Command): void {
  program
    .command('approve')
    .description('Show a purchase that waits for a person, and approve or deny it.')
    .argument('[id]', 'the eight letters under which it waits')
    .option('--list', 'list what waits')
    .option('--deny', 'deny it, without asking')
    .option('--qr', 'show the invoice as a QR code as well')
    .option('--store <file>', 'file of purchases')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action((id: string | undefined, options: ApproveOptions) => runApprove(id, options));
}

async function runApprove(id: string | undefined, options: ApproveOptions): Promise<void> {
  const output = createOutput(options.json === true);
  refuseContradictions(id, options);
  const path = options.store ?? purchaseStorePathIn(process.env);
  // Looking makes no store.
  if (!existsSync(path)) return id === undefined ? tellList(output, []) : refuseUnknown();
  const store = openPurchaseStore({ path, unlock: 'when-needed' });
  try {
    if (id === undefined) return tellList(output, store.approvals.listPending());
    await answer(store, readOpen(store, id), options, output);
  } finally {
    store.close();
  }
}

function refuseContradictions(id: string | undefined, { list, deny }: ApproveOptions): void {
  const detail =
    id === undefined && deny === true
      ? 'It lacks the id of the purchase that is meant.'
      : id !== undefined && list === true
        ? '--list takes no id.'
        : null;
  if (detail !== null) throw new SatwayError('CLI_USAGE', { detail });
}

function readOpen({ approvals }: PurchaseStore, id: string): Approval {
  const approval = approvals.get(id);
  if (approval === null) return refuseUnknown();
  if (approval.state !== 'pending') throw new SatwayError('APPROVAL_OVER', { detail: `It is ${approval.state}.` });
  return approval;
}

function refuseUnknown(): never {
  throw new SatwayError('APPROVAL_NOT_FOUND');
}

async function answer(store: PurchaseStore, approval: Approval, options: ApproveOptions, output: Output) {
  for (const { label, value } of describeApproval(approval)) output.line(`${label.padEnd(18)} ${value}`);
  if (options.qr === true) output.line(`\n${invoiceAsQrText(approval.invoice)}\n`);
  const decision = options.deny === true ? 'no' : await decide(approval);
  const decided = store.approvals.decide(approval.approvalId, decision, `${whoIsHere()}, satway approve`);
  if (!decided.ok) throw new SatwayError(decided.code, decided.detail === undefined ? {} : { detail: decided.detail });
  output.event({ ...asJson(decided.value), state: decided.value.state });
  output.line(
    decision === 'yes'
      ? 'Approved. The program that asked goes on to pay.'
      : 'Denied. The program that asked pays nothing.',
  );
}

/** @throws {SatwayError} `CLI_USAGE` where there is no terminal, and for anything but yes or no; then it goes on waiting. */
async function decide({ amountMsat, approvalId }: Approval): Promise<ApprovalDecision> {
  const nobodyThere = 'There is no terminal to ask at; nothing was approved. Only a person at one can.';
  const typed = await ask(`Pay ${formatSats(amountMsat)}? [y/N] `, nobodyThere);
  if (/^(y|yes)$/i.test(typed)) return 'yes';
  if (/^(n|no)$/i.test(typed)) return 'no';
  throw new SatwayError('CLI_USAGE', {
    detail: `Neither yes nor no: nothing was approved, and ${approvalId} still waits.`,
  });
}

function tellList(output: Output, approvals: readonly Approval[]): void {
  output.event({ approvals: approvals.map(asJson) });
  if (approvals.length === 0) output.line('Nothing waits for you.');
  for (const { approvalId, amountMsat, url, method, expiresAtMs } of approvals) {
    const until = new Date(expiresAtMs).toISOString();
    output.line(`${approvalId}  ${formatSats(amountMsat)}  ${method} ${new URL(url).host}  until ${until}`);
  }
}

/** Without the invoice: whoever reads a list pays nothing by hand. */
function asJson({ invoice: _invoice, state: _state, decidedAtMs: _at, decidedBy: _by, ...shown }: Approval) {
  return shown;
}

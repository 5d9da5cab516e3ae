import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Approval, openPurchaseStore, type PurchaseStore } from '@satway/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runAtTerminal } from '../at-terminal.js';
import { runSatway } from '../run-satway.js';

let home: string;
let store: PurchaseStore;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'satway-approve-'));
  store = openPurchaseStore({ path: join(home, 'purchases.db') });
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

const HASH = 'ab'.repeat(32);

function askFor(description = 'a report'): Approval {
  const asked = store.approvals.ask({
    paymentHashHex: HASH,
    invoice: 'lnbcrt20u1pexample',
    requestDigestHex: 'ef'.repeat(32),
    amountMsat: 2_000_000,
    feeCeilingMsat: 20_000,
    payeeHex: `02${'cd'.repeat(32)}`,
    origin: 'https://api.example',
    method: 'GET',
    url: 'https://api.example/v1/report?year=2026',
    description,
    expiresAtMs: Date.now() + 600_000,
  });
  if (!asked.ok) throw new Error(asked.code);
  return asked.value;
}

const run = (...args: string[]) => runSatway(['approve', ...args], { SATWAY_HOME: home });
const stateOf = ({ approvalId }: Approval) => store.approvals.get(approvalId)?.state;
const atTerminal = (answer: string, ...args: string[]) =>
  runAtTerminal(['approve', ...args], { SATWAY_HOME: home }, [{ after: '[y/N]', type: answer }]);

describe('satway approve at a terminal', () => {
  it('shows price, fees, host, request, payee and the seller’s words before it asks, and takes a y', async () => {
    const approval = askFor();
    const { code, seen } = await atTerminal('y', approval.approvalId);
    expect([code, stateOf(approval)]).toEqual([0, 'approved']);
    const question = seen.indexOf('Pay 2,000 sats? [y/N]');
    const shown = ['at most 20 sats', 'api.example', 'GET https://api.example/v1/report?year=2026', approval.payeeHex];
    for (const part of [...shown, HASH, '"a report"', new Date(approval.expiresAtMs).toISOString()]) {
      expect(seen.indexOf(part)).toBeGreaterThanOrEqual(0);
      expect(seen.indexOf(part)).toBeLessThan(question);
    }
    expect(store.approvals.get(approval.approvalId)?.decidedBy).toMatch(/@.*, satway approve$/);
  });

  it('takes an n for a denial', async () => {
    const approval = askFor();
    const { code } = await atTerminal('n', approval.approvalId);
    expect([code, stateOf(approval)]).toEqual([0, 'denied']);
  });

  it('takes anything else for nothing: the purchase goes on waiting', async () => {
    const approval = askFor();
    for (const answer of ['', 'yess', approval.approvalId]) {
      const { code } = await atTerminal(answer, approval.approvalId);
      expect([code, stateOf(approval)]).toEqual([2, 'pending']);
    }
  });

  it('shows the invoice as a QR code where that is asked for', async () => {
    const approval = askFor();
    const plain = await atTerminal('n', approval.approvalId, '--qr');
    expect(plain.seen).toMatch(/[█▀▄]{10}/);
  });

  it('gives the seller’s words no way to repaint the screen', async () => {
    const approval = askFor('\u001b[2J\u001b[HPrice: 1 sat\r\n\u202e');
    const { seen } = await atTerminal('n', approval.approvalId);
    expect(seen).not.toContain('\u001b[2J');
    expect(seen).not.toContain('\u202e');
  });
});

describe('satway approve without a terminal', () => {
  it('approves nothing, however it is asked', async () => {
    const approval = askFor();
    for (const args of [[approval.approvalId], [approval.approvalId, '--json']]) {
      expect((await run(...args)).code).toBe(2);
      expect(stateOf(approval)).toBe('pending');
    }
  });

  it('approves nothing for what a tool has told an agent: the id and the payment hash', async () => {
    const approval = askFor();
    for (const given of [
      ['--yes', HASH],
      [`--yes=${HASH}`],
      ['--yes'],
      ['-y'],
      ['--approve', HASH],
      ['--force'],
      [HASH],
    ]) {
      expect((await run(approval.approvalId, ...given)).code).toBe(2);
    }
    expect((await run(HASH)).code).toBe(1);
    expect(stateOf(approval)).toBe('pending');
  });

  it('denies', async () => {
    const approval = askFor();
    expect((await run('--deny', approval.approvalId)).code).toBe(0);
    expect(stateOf(approval)).toBe('denied');
  });

  it('lists what waits', async () => {
    const approval = askFor();
    expect((await run('--list')).stdout).toContain(`${approval.approvalId}  2,000 sats  GET api.example`);
    const { approvals } = JSON.parse((await run('--json')).stdout) as { approvals: Record<string, unknown>[] };
    expect(approvals).toMatchObject([{ approvalId: approval.approvalId, paymentHashHex: HASH }]);
    store.approvals.withdraw(approval.approvalId);
    expect((await run('--list')).stdout).toBe('Nothing waits for you.\n');
  });

  it('says that it is over, or that there is none', async () => {
    const approval = askFor();
    store.approvals.withdraw(approval.approvalId);
    const over = await run(approval.approvalId, '--json');
    expect([over.code, JSON.parse(over.stderr)]).toMatchObject([1, { code: 'APPROVAL_OVER' }]);
    const none = await run('00000000', '--json');
    expect([none.code, JSON.parse(none.stderr)]).toMatchObject([1, { code: 'APPROVAL_NOT_FOUND' }]);
    const elsewhere = await run('00000000', '--store', join(home, 'none.db'), '--json');
    expect(JSON.parse(elsewhere.stderr)).toMatchObject({ code: 'APPROVAL_NOT_FOUND' });
  });

  it.each([[['--deny']], [['--list', '00000000']], [['--list', '--deny']]])(
    'takes no contradiction: %j',
    async (args) => {
      expect((await run(...args)).code).toBe(2);
    },
  );
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { createSandboxNetwork } from '@satway/wallets/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from './manual-clock.js';

let folder: string;
let stateFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-sandbox-'));
  stateFile = join(folder, 'sandbox.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const program = fileURLToPath(new URL('./pays-until-killed.mjs', import.meta.url));

/** Lets another process pay from this file, and kills it after so many acknowledged payments. @returns what it acknowledged. */
async function payUntilKilled(payments: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, stateFile], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length >= payments) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return acknowledged;
}

describe('a sandbox whose state is kept', () => {
  it('has every payment that it acknowledged before kill -9, and all of its money', async () => {
    let total = 0;
    for (const payments of [1, 7, 20]) {
      const acknowledged = await payUntilKilled(payments);
      expect(acknowledged.length).toBeGreaterThanOrEqual(payments);
      total += acknowledged.length;
      const network = createSandboxNetwork({ stateFile });
      const books = network.books();
      const settled = books.nodes.flatMap((node) => node.payments).filter(({ state }) => state === 'SUCCEEDED');
      const proofs = new Set(
        settled.map(({ paymentHashHex, preimageHex }) => `${paymentHashHex} ${preimageHex ?? ''}`),
      );
      for (const line of acknowledged) expect(proofs.has(line)).toBe(true);
      expect(settled.length).toBeGreaterThanOrEqual(total);
      const held = books.nodes.reduce((sum, { balanceMsat, inFlightMsat }) => sum + balanceMsat + inFlightMsat, 0);
      expect(held + books.routingFeesMsat).toBe(books.fundedMsat);
      network.close();
    }
  });

  it('keeps its nodes, their keys and balances, and resolves what was in flight when its time has come', async () => {
    const clock = createManualClock();
    const first = createSandboxNetwork({ stateFile, clock });
    const buyer = first.addNode('buyer', { balanceMsat: 10_000 });
    const bill = await first
      .addNode('seller')
      .issuer.create({ amountMsat: 4000, description: 'x', expirySeconds: 600 });
    first.addFault('buyer', { kind: 'slow', delayMs: 5000 });
    first.lightning.send('buyer', { invoice: bill.invoice, amountMsat: null, feeLimitMsat: 0 });
    first.close();

    const second = createSandboxNetwork({ stateFile, clock });
    expect(second.addNode('buyer', { balanceMsat: 10_000 }).pubkeyHex).toBe(buyer.pubkeyHex);
    expect(await second.node('buyer').payer.balance()).toEqual({ spendableMsat: 6000 });
    expect(await second.node('buyer').payer.lookUp(bill.paymentHashHex)).toEqual({ state: 'inFlight' });
    clock.advance(5000);
    expect(await second.node('buyer').payer.lookUp(bill.paymentHashHex)).toMatchObject({ state: 'settled' });
    second.close();
  });

  it('is open in one process at a time', () => {
    const network = createSandboxNetwork({ stateFile });
    expect(() => createSandboxNetwork({ stateFile })).toThrow(
      expect.objectContaining({ code: 'PROCESS_LOCK_HELD' }) as Error,
    );
    network.close();
    createSandboxNetwork({ stateFile }).close();
  });

  it('leaves a file of somebody else’s as it is', () => {
    writeFileSync(stateFile, 'this is no database at all, though it is long enough to be one'.repeat(40));
    const before = readFileSync(stateFile);
    const unusable = expect.objectContaining({ code: 'SANDBOX_STATE_UNUSABLE', fundsMoved: 'no' }) as Error;
    expect(() => createSandboxNetwork({ stateFile })).toThrow(unusable);
    expect(readFileSync(stateFile)).toEqual(before);
    const other = join(folder, 'other.db');
    const database = new Database(other);
    database.exec('CREATE TABLE purchases (id TEXT)');
    database.close();
    expect(() => createSandboxNetwork({ stateFile: other })).toThrow(unusable);
    const again = new Database(other);
    expect(again.prepare('SELECT name FROM sqlite_master').all()).toHaveLength(1);
    again.close();
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startSandboxLndServer } from '@satway/wallets/sandbox';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openPurchaseStore } from '../../src/index.js';
import { type Lightning, openLightning } from '../support/lightning.js';
import { startSeller } from '../support/seller.js';
import { temporaryStorePath } from '../temporary-store.js';

const PROGRAM = fileURLToPath(new URL('../processes/hooked-buyer.mjs', import.meta.url));

interface Task {
  readonly storePath: string;
  readonly url: string;
  readonly settings: object;
  readonly dieIn: string | null;
  readonly key?: string;
}

async function runBuyer(task: Task): Promise<{ signal: string | null; told: string }> {
  const env = { ...process.env, SATWAY_TEST_BUYER: JSON.stringify(task) };
  const child: ChildProcess = spawn(process.execPath, [PROGRAM], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  child.stdout?.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { signal, told };
}

/** A wallet over LND's REST that outlives its buyers, and a seller. */
async function setTheScene(lightning: Lightning): Promise<Omit<Task, 'dieIn'>> {
  const lnd = await startSandboxLndServer(lightning.network, { tls: false });
  onTestFinished(() => lnd.close());
  const seller = await startSeller({ issuer: lightning.issuer });
  const settings = { kind: 'lnd', url: lnd.url, macaroonHex: lnd.macaroonHex('buyer', 'pay') };
  return { storePath: temporaryStorePath(), url: `${seller.url}/item`, settings };
}

function booksOf(storePath: string) {
  const store = openPurchaseStore({ path: storePath });
  const states = store.journal.search({}).map(({ state }) => state);
  const { spentMsat, reservedMsat } = store.budgets.state('default');
  store.close();
  return { states, spentMsat, reservedMsat };
}

describe('a buyer killed with SIGKILL inside a hook', () => {
  it.each([
    ['onChallenge', []],
    ['onQuote', ['sending']],
    ['approve', ['quoted']],
    ['onPaid', ['settled']],
    ['onRedeemed', ['redeemed']],
  ])('%s finds everything on the disk, pays once over both runs, and gets its answer', async (dieIn, states) => {
    const lightning = openLightning();
    const task = { ...(await setTheScene(lightning)), key: 'the-one-call' };
    const died = await runBuyer({ ...task, dieIn });
    expect(died).toEqual({ signal: 'SIGKILL', told: `${dieIn}\n` });
    expect(booksOf(task.storePath).states).toEqual(states);
    const after = await runBuyer({ ...task, dieIn: null });
    expect(JSON.parse(after.told)).toMatchObject({ ok: true, body: expect.stringContaining('"answer":1') });
    expect(lightning.settledMsat()).toEqual([5000]);
    const { states: end, ...books } = booksOf(task.storePath);
    // Before anything was sent, what was begun is given up, and the call begins anew.
    expect(end).toEqual(dieIn === 'approve' ? ['redeemed', 'failed'] : ['redeemed']);
    expect(books).toEqual({ spentMsat: 5000, reservedMsat: 0 });
  });

  it('onUnknown keeps the reservation, and the payment is looked up and never made again', async () => {
    const lightning = openLightning();
    lightning.addFault({ kind: 'held' });
    const task = await setTheScene(lightning);
    const died = await runBuyer({ ...task, dieIn: 'onUnknown' });
    expect(died).toEqual({ signal: 'SIGKILL', told: 'onUnknown\n' });
    expect(booksOf(task.storePath)).toMatchObject({ states: ['unknown'], spentMsat: 0, reservedMsat: 6000 });
    lightning.resolveAll();
    const after = await runBuyer({ ...task, dieIn: null });
    expect(JSON.parse(after.told)).toMatchObject({ ok: true });
    expect(lightning.settledMsat()).toEqual([5000]);
    expect(booksOf(task.storePath)).toEqual({ states: ['redeemed'], spentMsat: 5000, reservedMsat: 0 });
  });
});

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPurchaseStore } from '@satway/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rememberStore } from '../../src/pay/known-stores.js';
import { quotePurchase } from '../quoted-purchase.js';
import { runSatway } from '../run-satway.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'satway-budget-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const storePath = () => join(home, 'purchases.db');
const budget = async (...args: string[]) => {
  const { code, stdout, stderr } = await runSatway(['budget', ...args, '--json'], { SATWAY_HOME: home });
  return { code, stderr, told: stdout === '' ? null : (JSON.parse(stdout) as Record<string, unknown>) };
};

describe('satway budget', () => {
  it('says that nothing was spent where there is no store, and makes none', async () => {
    expect(await budget()).toMatchObject({ code: 0, told: { stopped: null, budgets: [] } });
    expect(existsSync(storePath())).toBe(false);
  });

  it('stops the spending of a process that has the store open, until it is let go on', async () => {
    const store = openPurchaseStore({ path: storePath() });
    try {
      const limits = { feeCeilingMsat: 0, maxTotalMsat: 100_000 };
      const first = quotePurchase(store, '11'.repeat(32));
      expect(await budget('freeze', '--reason', 'a test')).toMatchObject({
        code: 0,
        told: { stopped: { reason: 'a test', sinceMs: expect.any(Number) } },
      });
      expect(store.journal.reserve(first, limits)).toMatchObject({ ok: false, code: 'BUDGET_FROZEN' });
      expect(await budget('thaw')).toMatchObject({ code: 0, told: { stopped: null } });
      expect(store.journal.reserve(quotePurchase(store, '22'.repeat(32)), limits)).toMatchObject({ ok: true });
      expect((await budget()).told).toMatchObject({
        budgets: [{ budgetId: 'default', reservedMsat: 5000, spentMsat: 0 }],
      });
    } finally {
      store.close();
    }
  }, 180_000);

  it('stops every file of purchases that was ever used from here, and lets all of them go on', async () => {
    const team = openPurchaseStore({ path: join(home, 'team', 'agent.db') });
    const gone = join(home, 'gone.db');
    try {
      for (const path of [team.path, gone]) rememberStore({ SATWAY_HOME: home }, path);
      const frozen = await budget('freeze');
      expect(frozen).toMatchObject({ code: 0, told: { stores: [storePath(), team.path] } });
      expect(team.budgets.stopped()).toMatchObject({ reason: 'stopped by a person' });
      expect((await budget('thaw')).told).toMatchObject({ stopped: null, stores: [storePath(), team.path] });
      expect(team.budgets.stopped()).toBeNull();
      expect(existsSync(gone)).toBe(false);
    } finally {
      team.close();
    }
  }, 180_000);

  it('stops one file alone where it is named', async () => {
    const named = join(home, 'named.db');
    const { told } = await budget('freeze', '--store', named);
    expect(told).toMatchObject({ stores: [named] });
    expect((await budget()).told).toMatchObject({ stopped: null });
  });

  it('stops the others also where one cannot be opened, and says which was not stopped', async () => {
    openPurchaseStore({ path: storePath() }).close();
    const broken = join(home, 'broken.db');
    writeFileSync(broken, 'no database at all, and longer than the header of one would be', { mode: 0o600 });
    rememberStore({ SATWAY_HOME: home }, broken);
    const { code, stderr } = await budget('freeze');
    expect([code, JSON.parse(stderr)]).toMatchObject([1, { code: 'PURCHASE_STORE_UNUSABLE' }]);
    expect(stderr).toContain(broken);
    expect((await budget()).told).toMatchObject({ stopped: { reason: 'stopped by a person' } });
  });

  it('thaws no budget of another file that a payment froze which cost too much', async () => {
    const team = openPurchaseStore({ path: join(home, 'team.db') });
    try {
      rememberStore({ SATWAY_HOME: home }, team.path);
      const { journal, budgets } = team;
      const purchaseId = quotePurchase(team, '33'.repeat(32));
      journal.reserve(purchaseId, { feeCeilingMsat: 0, maxTotalMsat: 100_000 });
      journal.startSending(purchaseId);
      journal.settle(purchaseId, { preimageHex: 'ab'.repeat(32), amountMsat: 90_000, feeMsat: 0 });
      // Also where it is the only file there is.
      expect(await budget('thaw')).toMatchObject({ code: 0, told: { stores: [team.path] } });
      expect(budgets.list()).toMatchObject([{ frozenReason: expect.any(String) }]);
      openPurchaseStore({ path: storePath() }).close();
      await budget('thaw');
      expect(budgets.list()).toMatchObject([{ frozenReason: expect.any(String) }]);
      await budget('thaw', '--store', team.path);
      expect(budgets.list()).toMatchObject([{ frozenReason: null }]);
    } finally {
      team.close();
    }
  });

  it('stops spending also where the key of the store cannot be had', async () => {
    openPurchaseStore({ path: storePath() }).close();
    rmSync(`${storePath()}.key`);
    expect(await budget('freeze')).toMatchObject({ code: 0, told: { stopped: { reason: expect.any(String) } } });
    expect(existsSync(`${storePath()}.key`)).toBe(false);
  });

  it('finds no store to thaw where there is none', async () => {
    const { code, stderr } = await budget('thaw');
    expect(code).not.toBe(0);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'PURCHASE_STORE_UNUSABLE' });
  });
});

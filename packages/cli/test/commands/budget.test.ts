import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPurchaseStore } from '@satway/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

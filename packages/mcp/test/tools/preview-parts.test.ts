import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPurchaseStore } from '@satway/client';
import { createEgress } from '@satway/egress';
import { createSandboxNetwork } from '@satway/wallets/sandbox';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSatwayContext } from '../../src/context/index.js';
import { readMcpSettings } from '../../src/settings/index.js';
import { previewPartsOf } from '../../src/tools/preview-cost.js';

/** Names of everything that can be reached from an object by its properties, those of its prototypes included. */
function namesReachable(start: object): Set<string> {
  const names = new Set<string>();
  const seen = new Set<object>();
  const visit = (value: object): void => {
    if (seen.has(value) || value === Object.prototype || value === Function.prototype) return;
    seen.add(value);
    for (const name of Object.getOwnPropertyNames(value)) {
      names.add(name);
      const next: unknown = Object.getOwnPropertyDescriptor(value, name)?.value;
      if ((typeof next === 'object' || typeof next === 'function') && next !== null) visit(next);
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (typeof prototype === 'object' && prototype !== null) visit(prototype);
  };
  visit(start);
  return names;
}

const PAYING = [
  'pay',
  'tryFetch',
  'obtain',
  'callTool',
  'wallet',
  'client',
  'journal',
  'store',
  'approvals',
  'credentials',
];

describe('what preview_cost works with', () => {
  it('leads to nothing that could pay, allow or keep a payment', async () => {
    const home = mkdtempSync(join(tmpdir(), 'satway-preview-'));
    const network = createSandboxNetwork();
    const { payer } = network.addNode('buyer', { balanceMsat: 1_000_000 });
    const egress = createEgress({});
    const store = openPurchaseStore({ path: join(home, 'purchases.db') });
    const settings = readMcpSettings({ SATWAY_HOME: home });
    const context = openSatwayContext({ wallet: payer, store, egress, settings });
    onTestFinished(async () => {
      await context.close();
      store.close();
      await egress.close();
      network.close();
      rmSync(home, { recursive: true, force: true });
    });
    const reachable = namesReachable(previewPartsOf(context));
    expect(reachable).toContain('preview');
    expect(PAYING.filter((name) => reachable.has(name))).toEqual([]);
    // The same walk finds them where they are.
    const everything = namesReachable(context);
    expect(PAYING.filter((name) => !everything.has(name) && name !== 'pay' && name !== 'wallet')).toEqual([]);
  });
});

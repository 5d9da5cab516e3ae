import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEgress } from '@satway/egress';
import { createSandboxNetwork } from '@satway/wallets/sandbox';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSatwayContext } from '../../src/context/index.js';
import { followWallet } from '../../src/context/wallet-state.js';
import { readMcpSettings } from '../../src/settings/index.js';
import { readBudget } from '../../src/tools/budget-status.js';
import { temporaryStore } from '../approval/scene.js';

const told = { wallet: 'purse', atMs: 1 };
const read = { ...told, type: 'wallet_read', balanceMsat: 9000, inboundMsat: null } as const;
const failed = { ...told, type: 'wallet_read_failed', code: 'WALLET_TIMEOUT', failures: 1 } as const;
const unreachable = { ...told, type: 'wallet_unreachable', code: 'WALLET_TIMEOUT', failures: 3, sinceMs: 0 } as const;
const low = { ...told, type: 'wallet_balance_low', balanceMsat: 9000, markMsat: 10_000 } as const;
const enough = { ...told, type: 'wallet_balance_ok', balanceMsat: 12_000, markMsat: 10_000 } as const;

describe('where the wallet stands', () => {
  it('is not known before it has answered, nor when it has failed once', () => {
    const wallet = followWallet();
    wallet.follow(failed);
    expect(wallet.state()).toBe('unknown');
    wallet.follow(read);
    wallet.follow(failed);
    expect(wallet.state()).toBe('ok');
  });

  it('is low from below the mark on, until enough is there again, and unreachable while it does not answer', () => {
    const wallet = followWallet();
    const states = [read, low, read, unreachable, failed, read, enough].map((event) => {
      wallet.follow(event);
      return wallet.state();
    });
    expect(states).toEqual(['ok', 'low', 'low', 'unreachable', 'unreachable', 'low', 'ok']);
  });
});

describe('a server whose wallet runs low', () => {
  it('says so in a line to whoever runs it, and to the model without the balance', async () => {
    const network = createSandboxNetwork();
    const { payer } = network.addNode('buyer', { balanceMsat: 777_000 });
    const home = mkdtempSync(join(tmpdir(), 'satway-mcp-'));
    const egress = createEgress({});
    const settings = readMcpSettings({ SATWAY_HOME: home, WALLET_BALANCE_BELOW_SATS: '1000' });
    let hear: (line: string) => void = () => undefined;
    const heard = new Promise<string>((resolve) => (hear = resolve));
    const tell = (line: string): void => {
      if (line.includes('wallet_')) hear(line);
    };
    const context = openSatwayContext({ wallet: payer, store: temporaryStore(), egress, settings, tell });
    onTestFinished(async () => {
      await context.close();
      await egress.close();
      network.close();
      rmSync(home, { recursive: true, force: true });
    });
    expect(JSON.parse(await heard)).toMatchObject({
      level: 'warn',
      event: 'wallet_balance_low',
      balanceMsat: 777_000,
      markMsat: 1_000_000,
    });
    const budget = readBudget(context);
    expect(budget.wallet).toBe('low');
    expect(JSON.stringify(budget)).not.toContain('777');
  });
});

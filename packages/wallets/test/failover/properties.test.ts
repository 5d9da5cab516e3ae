import type { ErrorCode } from '@satway/base';
import { createFailoverIssuer } from '@satway/wallets/failover';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { closeSandbox, payFromSandbox, scriptedWallet } from './scripted-wallet.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());
afterAll(closeSandbox);

const WALLETS = 3;
const failsWith = fc.constantFrom<ErrorCode | null>(
  null,
  null,
  'WALLET_UNREACHABLE',
  'WALLET_TIMEOUT',
  'WALLET_REFUSED',
);
const step = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), atOnce: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('change' as const), wallet: fc.nat(WALLETS - 1), failsWith }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 5_000, 10_000) }),
  fc.record({ kind: fc.constant('pay' as const), which: fc.nat(50) }),
  fc.record({ kind: fc.constant('lookUp' as const), which: fc.nat(50) }),
);

it('whatever its wallets do, every invoice is looked up at its issuer alone, and settled when that was paid', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const wallets = Array.from({ length: WALLETS }, () => scriptedWallet());
      const issuer = createFailoverIssuer(wallets, { halfOpenAfterMs: 10_000 });
      const issued: { hash: string; invoice: string; paid: boolean }[] = [];
      const create = async (): Promise<void> => {
        const made = await issuer.create({ amountMsat: 1000, description: '', expirySeconds: 600 }).catch(() => null);
        if (made !== null) issued.push({ hash: made.paymentHashHex, invoice: made.invoice, paid: false });
      };
      for (const one of steps) {
        const target = 'which' in one ? issued[one.which % Math.max(1, issued.length)] : undefined;
        if (one.kind === 'create') await Promise.all(Array.from({ length: one.atOnce }, create));
        else if (one.kind === 'pass') vi.setSystemTime(Date.now() + one.ms);
        else if (one.kind === 'change') Object.assign(wallets[one.wallet] ?? {}, { failsWith: one.failsWith });
        else if (target === undefined) continue;
        else if (one.kind === 'pay' && !target.paid) {
          payFromSandbox(target.invoice);
          target.paid = true;
        } else await issuer.lookUp(target.hash).catch(() => undefined);
      }
      for (const wallet of wallets) {
        // It was asked about its own invoices, and about no others.
        expect(wallet.lookedUp.filter((hash) => !wallet.created.includes(hash))).toEqual([]);
        wallet.failsWith = null;
      }
      for (const { hash, paid } of issued) {
        expect(wallets.filter(({ created }) => created.includes(hash))).toHaveLength(1);
        expect((await issuer.lookUp(hash)).state).toBe(paid ? 'settled' : 'open');
      }
    }),
    { numRuns: 60 },
  );
});

it('an invoice is refused only when every wallet fails or refuses', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(failsWith, { minLength: 1, maxLength: 4 }), async (codes) => {
      const wallets = codes.map((code) => Object.assign(scriptedWallet(), { failsWith: code }));
      const issuer = createFailoverIssuer(wallets);
      const outcome = await issuer
        .create({ amountMsat: 1000, description: '', expirySeconds: 600 })
        .then(() => null)
        .catch((error: { code: string }) => error.code);
      expect(outcome).toBe(codes.includes(null) ? null : codes[0]);
    }),
    { numRuns: 100 },
  );
});

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeInvoice } from './fake-lightning.js';
import { startTwo, type Two } from './two-daemons.js';

let two: Two;
let bill: FakeInvoice;
beforeEach(async () => {
  two = await startTwo();
  bill = two.lightning.createInvoice({ amountMsat: 3000, expirySeconds: 600 });
});
afterEach(() => two.close());

const PREIMAGE = '11'.repeat(32);
const HASH = createHash('sha256').update(Buffer.from(PREIMAGE, 'hex')).digest('hex');
const BY_HASH = '/payments/outgoingbyhash/';
const says = (path: string, body: unknown, status = 200) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  two.buyer.addFault({ path, before: () => ({ status, body: text }) });
};

describe('whatever a phoenixd answers', () => {
  const answer = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record(
        {
          paymentHash: fc.constantFrom(HASH, 'ab'.repeat(32), 7),
          preimage: fc.constantFrom(PREIMAGE, '22'.repeat(32), '', null),
          paymentPreimage: fc.constantFrom(PREIMAGE, '22'.repeat(32), null),
          isPaid: fc.constantFrom(true, false, 'true', null),
          isExpired: fc.constantFrom(true, false, 1),
          sent: fc.constantFrom(7, 7.5, -1, '7', Number.MAX_SAFE_INTEGER),
          receivedSat: fc.constantFrom(3, -3, '3', Number.MAX_SAFE_INTEGER),
          fees: fc.constantFrom(4012, 0, -1, [], '9007199254740993'),
          completedAt: fc.constantFrom(1_750_000_000_000, null, 0, 'x', {}),
          balanceSat: fc.constantFrom(1, -1, 2 ** 53, null),
          nodeId: fc.constantFrom(`02${'ab'.repeat(32)}`, '02', 7),
          chain: fc.constantFrom('regtest', 'mainnet', '__proto__', 7),
          channels: fc.constantFrom([], [null, 7, { state: 'Normal', inboundLiquiditySat: -1 }], {}, 'x'),
          reason: fc.string(),
        },
        { requiredKeys: [] },
      ),
    },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
  const status = fc.constantFrom(200, 200, 200, 400, 401, 404, 429, 500);
  const isProof = (value: unknown): boolean => {
    const { isPaid, preimage, paymentHash } = (value ?? {}) as Record<string, unknown>;
    return isPaid === true && preimage === PREIMAGE && paymentHash === HASH;
  };

  it('a look-up is one of its states or an error of ours, settled by a proof alone', async () => {
    await fc.assert(
      fc.asyncProperty(answer, status, async (value, code) => {
        says(BY_HASH, JSON.stringify(value), code);
        const found = (await two.payer.lookUp(HASH).catch((error: unknown) => error)) as {
          readonly code?: string;
          readonly state?: string;
        };
        const isOurs = found.code?.startsWith('WALLET_') === true;
        expect(isOurs || ['settled', 'failed', 'inFlight'].includes(found.state ?? '')).toBe(true);
        if (found.state === 'settled') expect(code === 200 && isProof(value)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('every other call answers what it should or throws an error of ours', async () => {
    const calls = [
      () => two.payer.balance(),
      () => two.payer.inspect(),
      () => two.issuer.lookUp(HASH),
      () => two.issuer.receivableMsat(),
      () => two.issuer.create({ amountMsat: 3000, description: '', expirySeconds: 60 }),
    ];
    await fc.assert(
      fc.asyncProperty(answer, status, fc.constantFrom(...calls), async (value, code, call) => {
        for (const daemon of [two.buyer, two.seller]) daemon.addFault(anything(value, code));
        const error: unknown = await call().then(
          () => ({ code: 'WALLET_NONE' }),
          (cause: unknown) => cause,
        );
        expect(String((error as { code?: unknown }).code)).toMatch(/^WALLET_/);
        for (const daemon of [two.buyer, two.seller]) daemon.clearFaults();
      }),
      { numRuns: 300 },
    );
  });

  it('a payment is settled only by its preimage, failed only with the record, and never an exception once it was sent', async () => {
    await fc.assert(
      fc.asyncProperty(answer, answer, status, async (value, later, code) => {
        two.buyer.addFault({ path: BY_HASH });
        says('/payinvoice', JSON.stringify(value), code);
        says(BY_HASH, JSON.stringify(later));
        const outcome = await two.pay(bill);
        expect(outcome.state).toBe('unknown');
        two.buyer.clearFaults();
      }),
      { numRuns: 200 },
    );
  });
});

const anything = (value: unknown, status: number) => ({
  path: '/',
  before: () => ({ status, body: JSON.stringify(value) }),
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FakeFault } from './fake-phoenixd.js';
import { startTwo } from './two-daemons.js';

const PAY = '/payinvoice';
const BY_HASH = '/payments/outgoingbyhash/';

/** What goes wrong with a payment, or nothing. */
const FAULTS: Readonly<Record<string, readonly FakeFault[]>> = {
  none: [],
  replyLost: [{ path: PAY, after: () => null }],
  requestLost: [{ path: PAY, before: () => null }],
  failsAfter: [{ path: PAY, after: () => ({ status: 500, body: 'an exception' }) }],
  failsBefore: [{ path: PAY, before: () => ({ status: 503, body: '<html>busy</html>' }) }],
  wrongPreimage: [
    {
      path: PAY,
      after: ({ body }) => ({
        status: 200,
        body: body.replace(/("paymentPreimage": ")[0-9a-f]{64}/, `$1${'22'.repeat(32)}`),
      }),
    },
  ],
  lies: [{ path: PAY, after: () => ({ status: 200, body: '{"reason":"recipient node rejected the payment"}' }) }],
  deafBefore: [{ path: BY_HASH, before: () => null }],
  recordLost: [{ path: BY_HASH }, { path: BY_HASH, before: () => ({ status: 500, body: '' }) }],
};

const purchase = fc.record({
  sat: fc.integer({ min: 1, max: 60 }),
  fault: fc.constantFrom(...Object.keys(FAULTS)),
  payee: fc.constantFrom('sells', 'sells', 'sells', 'cancels', 'asksTooMuch'),
  atOnce: fc.integer({ min: 1, max: 2 }),
});

it('whatever goes wrong, what is settled was paid once, what failed was not, and the books of both sides agree', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(purchase, { minLength: 1, maxLength: 8 }), async (purchases) => {
      const two = await startTwo({ balanceMsat: 300_000 });
      let costMsat = 0;
      let soldMsat = 0;
      for (const { sat, fault, payee, atOnce } of purchases) {
        const amountMsat = (payee === 'asksTooMuch' ? 10_000 : sat) * 1000;
        const bill = await two.issuer.create({ amountMsat, description: '', expirySeconds: 600 });
        if (payee === 'cancels') two.lightning.cancel(bill.paymentHashHex);
        for (const one of FAULTS[fault] ?? []) two.buyer.addFault(one);
        const attempts = Array.from({ length: atOnce }, () =>
          two.pay(bill, { feeLimitMsat: 100_000 }).catch((error: { code: string }) => ({ state: 'thrown', ...error })),
        );
        const states = (await Promise.all(attempts)).map(({ state }) => state);
        two.buyer.clearFaults();
        const found = await two.payer.lookUp(bill.paymentHashHex);
        const sold = await two.issuer.lookUp(bill.paymentHashHex);
        // Truth: both sides say the same, and no outcome has said otherwise.
        expect(sold.state === 'settled').toBe(found.state === 'settled');
        if (states.includes('settled')) expect(found.state).toBe('settled');
        if (states.includes('failed')) expect(found.state).not.toBe('settled');
        expect(states.filter((state) => state === 'settled').length).toBeLessThanOrEqual(1);
        if (found.state !== 'settled') continue;
        costMsat += found.amountMsat + found.feeMsat;
        soldMsat += amountMsat;
      }
      expect(300_000 - two.buyer.ledger.balanceMsat).toBe(costMsat);
      expect(two.seller.ledger.balanceMsat).toBe(soldMsat);
      expect(two.totalMsat()).toBe(300_000);
      await two.close();
    }),
    { numRuns: 40 },
  );
});

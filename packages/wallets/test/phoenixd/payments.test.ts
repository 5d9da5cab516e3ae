import { connectPhoenixdPayer } from '@satway/wallets/phoenixd';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeInvoice } from './fake-lightning.js';
import { startTwo, type Two } from './two-daemons.js';

let two: Two;
let fundedMsat: number;
beforeEach(async () => {
  two = await startTwo();
  fundedMsat = two.totalMsat();
});
/** Whatever happened, no money came from nowhere. */
afterEach(async () => {
  expect(two.totalMsat()).toBe(fundedMsat);
  await two.close();
});

const PAY = '/payinvoice';
const sales = async (amountMsat = 3000): Promise<FakeInvoice> =>
  two.issuer.create({ amountMsat, description: 'one call', expirySeconds: 600 });
const paidBy = () => 1_000_000 - two.buyer.ledger.balanceMsat;
const sendings = () => two.buyer.calls.filter(({ path }) => path === PAY).length;

describe('a payment from one phoenixd to another', () => {
  it('is in the books of both, to the millisatoshi', async () => {
    let costMsat = 0;
    for (const amountMsat of [1000, 3000, 123_000]) {
      const bill = await sales(amountMsat);
      const outcome = await two.pay(bill);
      expect(outcome).toMatchObject({ state: 'settled', amountMsat, feeMsat: 4000 + amountMsat / 250 });
      expect(await two.payer.lookUp(bill.paymentHashHex)).toEqual(outcome);
      expect(await two.issuer.lookUp(bill.paymentHashHex)).toMatchObject({ amountReceivedMsat: amountMsat });
      costMsat += outcome.state === 'settled' ? outcome.amountMsat + outcome.feeMsat : 0;
    }
    expect(paidBy()).toBe(costMsat);
    expect(two.seller.ledger.balanceMsat).toBe(127_000);
  });

  it('pays an invoice that is not in whole satoshis exactly', async () => {
    const bill = two.lightning.createInvoice({ amountMsat: 2345, expirySeconds: 600 });
    expect(await two.pay(bill)).toMatchObject({ state: 'settled', amountMsat: 2345, feeMsat: 4009 });
    expect(two.lightning.paidOutsideMsat).toBe(2345);
    expect(paidBy()).toBe(2345 + 4009);
  });

  it('counts as received what the payer gave, where phoenixd took liquidity fees out of it', async () => {
    for (const feeMsat of [12_345, 12_000, 999_001]) {
      two.seller.ledger.nextLiquidityFeeMsat = feeMsat;
      const own = two.seller.ledger.createInvoice({
        amountMsat: 1_000_000,
        description: 'x',
        expirySeconds: 600,
        externalId: null,
      });
      await two.lightning.send(own.paymentHash, 1_000_000);
      fundedMsat += 1_000_000;
      expect(await two.issuer.lookUp(own.paymentHash)).toMatchObject({ amountReceivedMsat: 1_000_000 });
    }
  });
});

describe('a fault in the middle of a payment', () => {
  it('leaves it unknown when the reply is lost after settlement; a look-up finds the proof, and nothing is paid again', async () => {
    const bill = await sales();
    two.buyer.addFault({ path: PAY, after: () => null });
    expect(await two.pay(bill)).toMatchObject({ state: 'unknown' });
    expect(await two.payer.lookUp(bill.paymentHashHex)).toMatchObject({ state: 'settled', feeMsat: 4012 });
    expect(await two.pay(bill)).toMatchObject({ state: 'unknown' });
    expect(await two.pay(bill, { mayHaveBeenSentBefore: true })).toMatchObject({ state: 'unknown' });
    expect(sendings()).toBe(1);
    expect(paidBy()).toBe(3000 + 4012);
  });

  it('leaves it unknown when the request is lost, of which a look-up knows nothing', async () => {
    const bill = await sales();
    two.buyer.addFault({ path: PAY, before: () => null });
    expect(await two.pay(bill)).toMatchObject({ state: 'unknown' });
    expect(await two.payer.lookUp(bill.paymentHashHex)).toEqual({ state: 'notFound', walletNowMs: null });
    expect(paidBy()).toBe(0);
  });

  it.each([
    [500, 'an exception of some kind'],
    [500, ''],
    [429, 'Too Many Requests'],
    [502, '<html><body>Bad gateway</body></html>'],
    [200, '<html><body>Log in here</body></html>'],
    [401, 'Unauthorized'],
    [400, 'Bad Request'],
    [404, '404 page not found'],
    [302, ''],
    [204, ''],
  ])('leaves it unknown after HTTP %i “%s”, whether or not the daemon saw it', async (status, body) => {
    const seen = await sales();
    two.buyer.addFault({ path: PAY, after: () => ({ status, body }) });
    expect(await two.pay(seen)).toMatchObject({ state: 'unknown' });
    expect(await two.payer.lookUp(seen.paymentHashHex)).toMatchObject({ state: 'settled' });
    const unseen = await sales();
    two.buyer.addFault({ path: PAY, before: () => ({ status, body }) });
    expect(await two.pay(unseen)).toMatchObject({ state: 'unknown' });
    expect(await two.payer.lookUp(unseen.paymentHashHex)).toMatchObject({ state: 'notFound' });
    expect(paidBy()).toBe(3000 + 4012);
  });

  it('leaves it unknown at its time limit while it is in flight, and tells later how it ended', async () => {
    for (const ending of ['settled', 'failed'] as const) {
      const bill = two.lightning.createInvoice({ amountMsat: 5000, expirySeconds: 600 }, { holds: true });
      expect(await two.pay(bill, { timeoutMs: 100 })).toMatchObject({ state: 'unknown' });
      expect(await two.payer.lookUp(bill.paymentHashHex)).toEqual({ state: 'inFlight' });
      expect(await two.pay(bill)).toMatchObject({ state: 'unknown', seenInFlight: true });
      two.lightning.resolve(bill.paymentHashHex, ending);
      await new Promise((resolve) => setImmediate(resolve));
      expect(await two.payer.lookUp(bill.paymentHashHex)).toMatchObject({ state: ending });
    }
    expect(sendings()).toBe(2);
    expect(paidBy()).toBe(5000 + 4020);
  });

  it('finds it again after the daemon was killed in flight and started anew', async () => {
    const bill = two.lightning.createInvoice({ amountMsat: 5000, expirySeconds: 600 }, { holds: true });
    const paying = two.pay(bill);
    await untilCalled(PAY);
    await two.buyer.kill();
    expect(await paying).toMatchObject({ state: 'unknown' });
    await expect(two.payer.lookUp(bill.paymentHashHex)).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE' });
    await two.buyer.start();
    expect(await two.payer.lookUp(bill.paymentHashHex)).toEqual({ state: 'inFlight' });
    two.lightning.resolve(bill.paymentHashHex, 'settled');
    await new Promise((resolve) => setImmediate(resolve));
    expect(await two.payer.lookUp(bill.paymentHashHex)).toMatchObject({ state: 'settled' });
    expect(paidBy()).toBe(5000 + 4020);
  });

  it('is an error, and not a sending, when the daemon is down or cannot be asked before', async () => {
    const bill = await sales();
    two.buyer.addFault({
      path: '/payments/outgoingbyhash/',
      before: () => ({ status: 500, body: 'database is locked' }),
    });
    await expect(two.pay(bill)).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID', fundsMoved: 'no' });
    await two.buyer.kill();
    await expect(two.pay(bill)).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE', fundsMoved: 'no' });
    await two.buyer.start();
    expect(sendings()).toBe(0);
    expect(await two.pay(bill)).toMatchObject({ state: 'settled' });
  });

  it('is an error, and not a sending, when the daemon goes down between question and payment', async () => {
    const bill = await sales();
    two.buyer.addFault({
      path: '/payments/outgoingbyhash/',
      after: (answer) => {
        two.buyer.stopListening();
        return { ...answer, headers: { Connection: 'close' } };
      },
    });
    await expect(two.pay(bill)).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE', fundsMoved: 'no' });
  });

  it('is unknown while it is under way when the wallet is closed, and an error afterwards', async () => {
    const bill = two.lightning.createInvoice({ amountMsat: 5000, expirySeconds: 600 }, { holds: true });
    const paying = two.pay(bill);
    await untilCalled(PAY);
    await two.payer.close();
    await two.payer.close();
    expect(await paying).toMatchObject({ state: 'unknown' });
    await expect(two.payer.balance()).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE' });
    two.lightning.resolve(bill.paymentHashHex, 'failed');
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('the same invoice twice at once', () => {
  it('is sent once by one payer', async () => {
    const bill = await sales(4000);
    const outcomes = await Promise.all([two.pay(bill), two.pay(bill), two.pay(bill)]);
    expect(outcomes.map(({ state }) => state).sort()).toEqual(['settled', 'unknown', 'unknown']);
    expect(sendings()).toBe(1);
    expect(paidBy()).toBe(4000 + 4016);
  });

  it('is not sent while phoenixd has a payment of it in flight, whoever sent that', async () => {
    const bill = two.lightning.createInvoice({ amountMsat: 4000, expirySeconds: 600 }, { holds: true });
    const other = two.buyer.ledger.pay(bill.invoice, null);
    expect(await two.pay(bill)).toMatchObject({ state: 'unknown', seenInFlight: true });
    expect(sendings()).toBe(0);
    two.lightning.resolve(bill.paymentHashHex, 'settled');
    await other;
  });

  it('is unknown to the one whose payment phoenixd refuses, since the other is in flight or made', async () => {
    const bill = await sales(4000);
    two.buyer.addFault({
      path: PAY,
      before: async () => {
        await two.buyer.ledger.pay(bill.invoice, null);
        const reason = 'this invoice has already been paid';
        return { status: 200, body: JSON.stringify({ paymentHash: bill.paymentHashHex, reason }) };
      },
    });
    expect(await two.pay(bill)).toMatchObject({ state: 'unknown' });
    expect(await two.payer.lookUp(bill.paymentHashHex)).toMatchObject({ state: 'settled' });
    expect(paidBy()).toBe(4000 + 4016);
  });
});

describe('what is refused before it is sent', () => {
  it('is every payment that would cost more than its fee limit', async () => {
    const bill = await sales(10_000);
    expect(await two.pay(bill, { feeLimitMsat: 4039 })).toEqual({
      state: 'failed',
      reason: 'rejected_before_sending',
      detail: 'phoenixd takes 4040 msat for it, more than the fee limit of 4039 msat.',
    });
    expect(two.buyer.calls).toEqual([]);
    expect(await two.pay(bill, { feeLimitMsat: 4040 })).toMatchObject({ state: 'settled', feeMsat: 4040 });
  });

  it('is an invoice without an amount, or for another than the caller says, over or under it', async () => {
    const open = two.lightning.createInvoice({ amountMsat: null, expirySeconds: 600 });
    const bill = await sales(3000);
    for (const wrong of [
      { ...open, amountMsat: 3000 },
      { ...open, amountMsat: 0 },
      { ...bill, amountMsat: 2999 },
      { ...bill, amountMsat: 3001 },
      { ...bill, paymentHashHex: open.paymentHashHex },
      { ...bill, invoice: 'lnbcrt1qqqqqq' },
    ]) {
      expect(await two.pay(wrong)).toMatchObject({ state: 'failed', reason: 'rejected_before_sending' });
    }
    expect(two.buyer.calls).toEqual([]);
  });

  it('is an invoice of another network, or one that has expired, which phoenixd would send', async () => {
    const foreign = two.lightning.createInvoice({ amountMsat: 3000, expirySeconds: 600, network: 'bitcoin' });
    expect(await two.pay(foreign)).toMatchObject({ state: 'failed', reason: 'rejected_before_sending' });
    const bill = await sales();
    two.lightning.advance(601_000);
    expect(await two.pay(bill)).toMatchObject({ state: 'failed', reason: 'expired' });
    expect(two.buyer.calls).toEqual([]);
  });

  it('is whatever may have been sent before, since phoenixd might send it a second time', async () => {
    expect(await two.pay(await sales(), { mayHaveBeenSentBefore: true })).toMatchObject({ state: 'unknown' });
    expect(two.buyer.calls).toEqual([]);
  });

  it.each([
    { feeLimitMsat: -1 },
    { feeLimitMsat: Number.NaN },
    { timeoutMs: 0 },
    { amountMsat: 2 ** 53 },
    { paymentHashHex: '../getbalance' },
  ])('is a call with %j', async (more) => {
    await expect(two.pay(await sales(), more)).rejects.toMatchObject({ code: 'WALLET_REFUSED', fundsMoved: 'no' });
    expect(two.buyer.calls).toEqual([]);
  });
});

describe('a clock that is an hour off', () => {
  const payerAt = (offByMs: number) =>
    connectPhoenixdPayer({
      url: two.buyer.url,
      password: two.buyer.fullPassword,
      egress: two.egress,
      clock: () => two.lightning.now() + offByMs,
    });
  const request = (bill: FakeInvoice) => ({ ...bill, feeLimitMsat: 20_000, timeoutMs: 5000 });

  it('sends nothing where it is ahead, and lets the payee refuse what has expired where it is behind', async () => {
    const ahead = await payerAt(3_600_000);
    expect(await ahead.pay(request(await sales()))).toMatchObject({ state: 'failed', reason: 'expired' });
    expect(sendings()).toBe(0);
    const behind = await payerAt(-3_600_000);
    expect(await behind.pay(request(await sales()))).toMatchObject({ state: 'settled' });
    const bill = await sales();
    two.lightning.advance(601_000);
    expect(await behind.pay(request(bill))).toMatchObject({ state: 'failed', reason: 'incorrect_payment_details' });
    expect(paidBy()).toBe(3000 + 4012);
  });
});

describe('a fee that is higher than phoenixd’s price', () => {
  it('is told as it is, so that the budget sees it', async () => {
    const bill = await sales(10_000);
    const overcharged = { path: '/payments/outgoingbyhash/', after: withFee(9_000) };
    two.buyer.addFault({ path: '/payments/outgoingbyhash/' });
    two.buyer.addFault(overcharged);
    expect(await two.pay(bill, { feeLimitMsat: 4040 })).toMatchObject({ state: 'settled', feeMsat: 9000 });
  });
});

const withFee = (feeMsat: number) => (answer: { status: number; body: string }) => {
  const record = JSON.parse(answer.body) as { sent: number };
  return {
    status: 200,
    body: JSON.stringify({ ...record, fees: feeMsat, sent: Math.floor((10_000 + feeMsat) / 1000) }),
  };
};

async function untilCalled(path: string): Promise<void> {
  while (!two.buyer.calls.some((call) => call.path === path)) await new Promise((resolve) => setTimeout(resolve, 5));
}

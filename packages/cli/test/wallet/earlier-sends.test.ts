import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SatwayError } from '@satway/base';
import type { InvoicePayer, PaymentLookUp, PaymentOutcome, PayRequest } from '@satway/wallets';
import { createSandboxNetwork, type SandboxNetwork } from '@satway/wallets/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bill, readBill } from '../../src/wallet/bill.js';
import { findPayment, payBill } from '../../src/wallet/direct-payment/index.js';
import { lookUpRecord } from '../../src/wallet/direct-payment/look-up.js';

let home = '';
let network: SandboxNetwork;
let bill: Bill;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'satway-earlier-'));
  network = createSandboxNetwork();
  network.addNode('buyer', { balanceMsat: 1_000_000 });
  const { issuer } = network.addNode('seller');
  bill = readBill((await issuer.create({ amountMsat: 5000, description: 'one call', expirySeconds: 600 })).invoice);
});
afterEach(() => {
  network.close();
  rmSync(home, { recursive: true, force: true });
});

const folder = () => join(home, 'direct-payments');
const recordFile = () => join(folder(), `${bill.paymentHashHex}.json`);
const record = () => JSON.parse(readFileSync(recordFile(), 'utf8')) as Record<string, unknown>;

const NO_ROUTE = { state: 'failed', reason: 'no_route', detail: 'No route.' } as const;
const LOST: PaymentOutcome = { state: 'unknown', detail: 'The reply was lost.' };
const foundFailed = (walletNowMs: number | null): PaymentLookUp => ({ ...NO_ROUTE, walletNowMs });
const NOT_FOUND: PaymentLookUp = { state: 'notFound', walletNowMs: null };
const deadAtMs = () => bill.decoded.expiresAtMs + 60_001;

/** One wallet over several runs: what it answers to each request and to each look-up, the last one for ever. */
function scripted(answers: (PaymentOutcome | Error)[], lookUps: PaymentLookUp[], changes: Partial<InvoicePayer> = {}) {
  const asked: PayRequest[] = [];
  const wallet: InvoicePayer = {
    identity: 'wallet-a',
    network: 'regtest',
    refusesSecondPayment: false,
    feeCeilingMsat: () => 1000,
    balance: async () => ({ spendableMsat: 1_000_000 }),
    lookUp: async () => (lookUps.length > 1 ? lookUps.shift() : lookUps[0]) ?? NOT_FOUND,
    pay: async (request) => {
      asked.push(request);
      const answer = answers.shift() ?? LOST;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    ...changes,
  };
  return { wallet, asked };
}

const run = (wallet: InvoicePayer, more: { nowMs?: number; approve?: () => Promise<boolean> } = {}) =>
  payBill({
    bill,
    wallet,
    feeLimitMsat: 1000,
    folder: folder(),
    nowMs: Date.now(),
    timeoutMs: 500,
    approve: async () => true,
    refusePaidElsewhere: () => undefined,
    onSending: () => undefined,
    ...more,
  });
const codeOf = (running: Promise<unknown>) =>
  running.then(
    () => null,
    (error: unknown) => (error instanceof SatwayError ? error.code : error),
  );
const sandboxPayer = () => network.node('buyer').payer;

describe('a payment that settled on our disk', () => {
  it.each([NOT_FOUND, { state: 'inFlight' } as const, foundFailed(null), foundFailed(4e12)])(
    'is never sent again and never becomes anything else, whatever its wallet says now (%j)',
    async (found) => {
      expect((await run(sandboxPayer())).state).toBe('settled');
      const { wallet, asked } = scripted([], [found], {
        identity: sandboxPayer().identity,
        refusesSecondPayment: true,
      });
      const end = await run(wallet, { nowMs: Date.now() + 86_400_000 });
      expect(end).toMatchObject({
        state: 'settled',
        paidBefore: true,
        amountMsat: 5000,
        feeMsat: 0,
        preimageHex: null,
      });
      expect(await findPayment(wallet, bill.paymentHashHex, folder())).toEqual({
        state: 'settled',
        amountMsat: 5000,
        feeMsat: 0,
      });
      expect(asked).toEqual([]);
      expect(record()).toMatchObject({ state: 'settled' });
    },
  );

  it('stays as it is written down by every look-up', async () => {
    await run(sandboxPayer());
    const settled = record() as unknown as Parameters<typeof lookUpRecord>[1];
    for (const found of [NOT_FOUND, { state: 'inFlight' } as const, foundFailed(4e12)]) {
      expect((await lookUpRecord({ lookUp: async () => found }, settled)).record).toEqual(settled);
    }
  });

  it('is told as paid also to another wallet, and where the wallet cannot look it up', async () => {
    await run(sandboxPayer());
    for (const changes of [
      { identity: 'wallet-b' },
      { identity: sandboxPayer().identity, lookUp: async () => Promise.reject(new SatwayError('WALLET_UNREACHABLE')) },
    ]) {
      const { wallet, asked } = scripted([], [NOT_FOUND], changes);
      expect(await run(wallet)).toMatchObject({ state: 'settled', paidBefore: true });
      expect(asked).toEqual([]);
    }
  });
});

describe('what is known of earlier sends', () => {
  it('is not ended by the record of an older one: the newer request stays unknown, and is not sent a third time', async () => {
    const { wallet, asked } = scripted([NO_ROUTE, LOST, LOST], [foundFailed(Date.now())]);
    expect(await codeOf(run(wallet))).toBe('PAYMENT_FAILED');
    expect(await codeOf(run(wallet))).toBe('PAYMENT_UNKNOWN');
    expect(await findPayment(wallet, bill.paymentHashHex, folder())).toMatchObject({ state: 'unknown' });
    expect(await codeOf(run(wallet))).toBe('PAYMENT_UNKNOWN');
    expect(asked).toHaveLength(2);
    expect(record()).toMatchObject({ state: 'sending', openSends: 1, totalSends: 2 });
  });

  it('is ended by such a record once the invoice is dead by the wallet’s clock', async () => {
    const { wallet } = scripted([NO_ROUTE, LOST], [NOT_FOUND, foundFailed(deadAtMs() - 1), foundFailed(deadAtMs())]);
    await codeOf(run(wallet));
    await codeOf(run(wallet));
    expect(await findPayment(wallet, bill.paymentHashHex, folder())).toMatchObject({ state: 'unknown' });
    expect(await findPayment(wallet, bill.paymentHashHex, folder())).toMatchObject({ state: 'failed' });
  });

  it('is a request that may be a second one only while an earlier one may be alive, so that what is mended can be paid', async () => {
    const { wallet, asked } = scripted([NO_ROUTE, NO_ROUTE, LOST], [NOT_FOUND]);
    for (const code of ['PAYMENT_FAILED', 'PAYMENT_FAILED', 'PAYMENT_UNKNOWN', 'PAYMENT_UNKNOWN']) {
      expect(await codeOf(run(wallet))).toBe(code);
    }
    expect(asked.map(({ mayHaveBeenSentBefore }) => mayHaveBeenSentBefore)).toEqual([false, false, false]);
    expect(record()).toMatchObject({ totalSends: 3, openSends: 1 });
  });

  it('is nothing where the wallet refused before anything left, and one more where it broke its word', async () => {
    const refused = new SatwayError('WALLET_REFUSED');
    const { wallet, asked } = scripted([refused, new TypeError('broken')], [NOT_FOUND]);
    expect(await codeOf(run(wallet))).toBe('WALLET_REFUSED');
    expect(record()).toMatchObject({ state: 'failed', totalSends: 0, openSends: 0 });
    expect(await codeOf(run(wallet))).toBe('PAYMENT_UNKNOWN');
    expect(record()).toMatchObject({ state: 'sending', totalSends: 1, openSends: 1 });
    expect(await codeOf(run(wallet))).toBe('PAYMENT_UNKNOWN');
    expect(asked).toHaveLength(2);
  });

  it('keeps another wallet away only while one may be alive', async () => {
    const a = scripted([LOST], [foundFailed(null)]);
    const b = scripted([LOST], [NOT_FOUND], { identity: 'wallet-b' });
    await codeOf(run(a.wallet));
    expect(await codeOf(run(b.wallet))).toBe('PAYMENT_UNKNOWN');
    expect(b.asked).toEqual([]);
    expect(await findPayment(a.wallet, bill.paymentHashHex, folder())).toMatchObject({ state: 'failed' });
    expect(await codeOf(run(b.wallet))).toBe('PAYMENT_UNKNOWN');
    expect(b.asked.map(({ mayHaveBeenSentBefore }) => mayHaveBeenSentBefore)).toEqual([false]);
    expect(await codeOf(run(a.wallet))).toBe('PAYMENT_UNKNOWN');
    expect(a.asked).toHaveLength(1);
    expect(record()).toMatchObject({ walletIdentity: 'wallet-b', totalSends: 2, openSends: 1 });
  });

  it('opens again where the wallet has in flight what had failed', async () => {
    const { wallet, asked } = scripted([NO_ROUTE], [{ state: 'inFlight' }, foundFailed(null)]);
    await codeOf(run(wallet));
    expect(await codeOf(run(wallet))).toBe('PAYMENT_UNKNOWN');
    expect(record()).toMatchObject({ state: 'sending', openSends: 1 });
    expect(await codeOf(run(wallet))).toBe('PAYMENT_UNKNOWN');
    expect(asked).toHaveLength(1);
  });

  it('is not “nothing was paid” for a person who says no to sending it again', async () => {
    const { wallet, asked } = scripted([LOST], [NOT_FOUND], { refusesSecondPayment: true });
    await codeOf(run(wallet));
    expect(await codeOf(run(wallet, { approve: async () => false }))).toBe('PAYMENT_UNKNOWN');
    expect(asked).toHaveLength(1);
  });
});

describe('a payment that the wallet once had', () => {
  it('in flight, as the answer to sending it said, is never failed by a missing record', async () => {
    const { wallet } = scripted([{ ...LOST, seenInFlight: true }], [{ state: 'notFound', walletNowMs: deadAtMs() }]);
    await codeOf(run(wallet));
    expect(record()).toMatchObject({ seenInFlight: true });
    expect(await findPayment(wallet, bill.paymentHashHex, folder())).toMatchObject({ state: 'notFound' });
    expect(record()).toMatchObject({ state: 'sending' });
  });

  it('is not sent again once its record is gone, also by a wallet that refuses a second payment', async () => {
    const refuses = { refusesSecondPayment: true };
    const { wallet, asked } = scripted([{ ...LOST, seenInFlight: true }], [NOT_FOUND], refuses);
    expect(await codeOf(run(wallet))).toBe('PAYMENT_UNKNOWN');
    expect(await codeOf(run(wallet))).toBe('PAYMENT_UNKNOWN');
    expect(asked).toHaveLength(1);
  });

  it('as failed, of two requests, is never failed by a missing record', async () => {
    const lookUps = [NOT_FOUND, foundFailed(null), { state: 'notFound', walletNowMs: deadAtMs() } as const];
    const { wallet } = scripted([NO_ROUTE, LOST], lookUps);
    await codeOf(run(wallet));
    await codeOf(run(wallet));
    expect(await findPayment(wallet, bill.paymentHashHex, folder())).toMatchObject({ state: 'unknown' });
    expect(await findPayment(wallet, bill.paymentHashHex, folder())).toMatchObject({ state: 'notFound' });
    expect(record()).toMatchObject({ state: 'sending' });
  });
});

describe('the figures that a wallet tells', () => {
  it.each([
    [-7, 0],
    [-1.5, 1000],
    [Number.NaN, 1000],
    [1e300, 1000],
    [40, 40],
  ])(
    'of a fee of %d book %d, with a warning where they are none, and the record can be read again',
    async (told, booked) => {
      const preimageHex = 'ab'.repeat(32);
      const settled = { state: 'settled', preimageHex, amountMsat: -5, feeMsat: told } as const;
      const { wallet, asked } = scripted([settled], [settled]);
      const end = await run(wallet);
      expect(end).toMatchObject({ state: 'settled', feeMsat: booked, amountMsat: 5000, warning: expect.any(String) });
      expect(record()).toMatchObject({ state: 'settled', feeMsat: booked });
      expect(await run(wallet)).toMatchObject({ paidBefore: true, feeMsat: booked, amountMsat: 5000 });
      expect(asked).toHaveLength(1);
    },
  );

  it('of a payment that was never sent from here are told as amounts all the same', async () => {
    const { wallet } = scripted([], [{ state: 'settled', preimageHex: '', amountMsat: Number.NaN, feeMsat: -3 }]);
    expect(await findPayment(wallet, bill.paymentHashHex, folder())).toEqual({
      state: 'settled',
      amountMsat: 0,
      feeMsat: 0,
    });
  });
});

/** A folder where a record is to be written: that stops root as well. */
function standInTheWay(record: string): void {
  rmSync(record, { force: true });
  mkdirSync(record);
}

describe('a folder that cannot be written', () => {
  it('is said before anything is sent: no funds moved', async () => {
    const file = join(home, 'a-file');
    writeFileSync(file, '');
    const { wallet, asked } = scripted([], [NOT_FOUND]);
    const running = payBill({
      bill,
      wallet,
      feeLimitMsat: 0,
      folder: join(file, 'direct-payments'),
      nowMs: Date.now(),
      timeoutMs: 500,
      approve: async () => true,
      refusePaidElsewhere: () => undefined,
      onSending: () => undefined,
    });
    await expect(running).rejects.toMatchObject({ code: 'PURCHASE_STORE_UNUSABLE', fundsMoved: 'no' });
    await expect(findPayment(wallet, bill.paymentHashHex, join(file, 'direct-payments'))).rejects.toMatchObject({
      code: 'PURCHASE_STORE_UNUSABLE',
    });
    expect(asked).toEqual([]);
  });

  it('once the payment has settled does not hide that it did, and says what is to be done', async () => {
    const settled = { state: 'settled', preimageHex: 'ab'.repeat(32), amountMsat: 5000, feeMsat: 1 } as const;
    for (const breakIt of [() => standInTheWay(recordFile()), () => rmSync(folder(), { recursive: true })]) {
      const { wallet } = scripted([], [NOT_FOUND], {
        pay: async () => {
          breakIt();
          return settled;
        },
      });
      const end = await run(wallet);
      expect(end).toMatchObject({ state: 'settled', feeMsat: 1, warning: expect.stringContaining('pay it again') });
      rmSync(home, { recursive: true });
    }
  });

  it('at the last moment stops the payment, and says that nothing was sent', async () => {
    const { wallet, asked } = scripted([], [NOT_FOUND]);
    const approve = async () => {
      standInTheWay(recordFile());
      return true;
    };
    const running = run(wallet, { approve });
    await expect(running).rejects.toMatchObject({ code: 'PURCHASE_STORE_FAILED', fundsMoved: 'no' });
    expect(asked).toEqual([]);
  });
});

describe('a failure that another program left at the same node', () => {
  it('does not end a request of ours that still lies in a socket: it is paid once, and booked', async () => {
    const node = sandboxPayer();
    const request = {
      invoice: bill.invoice,
      paymentHashHex: bill.paymentHashHex,
      amountMsat: 5000,
      feeLimitMsat: 1000,
    };
    network.addFault('buyer', { kind: 'failedLate', delayMs: 0 });
    expect(await node.pay({ ...request, timeoutMs: 5000 })).toMatchObject({ state: 'failed' });
    const frozen = Object.create(node, { pay: { value: async () => LOST } }) as InvoicePayer;
    expect(await codeOf(run(frozen))).toBe('PAYMENT_UNKNOWN');
    expect(await findPayment(node, bill.paymentHashHex, folder())).toMatchObject({ state: 'unknown' });
    expect(await codeOf(run(node))).toBe('PAYMENT_UNKNOWN');
    expect(record()).toMatchObject({ state: 'sending', totalSends: 1, openSends: 1 });
    expect(await node.pay({ ...request, timeoutMs: 5000 })).toMatchObject({ state: 'settled' });
    expect(await findPayment(node, bill.paymentHashHex, folder())).toMatchObject({ state: 'settled' });
    expect(record()).toMatchObject({ state: 'settled' });
  });

  it('ends it once the node has answered our own request', async () => {
    const taken: PaymentOutcome = { state: 'unknown', detail: 'cut', seenInFlight: true, takenUp: true };
    const { wallet } = scripted([taken], [{ ...NO_ROUTE, walletNowMs: null, mayBeOfAnother: true }]);
    expect(await codeOf(run(wallet))).toBe('PAYMENT_UNKNOWN');
    expect(record()).toMatchObject({ state: 'sending', totalSends: 1, openSends: 0, seenInFlight: true });
    expect(await findPayment(wallet, bill.paymentHashHex, folder())).toMatchObject({ state: 'failed' });
  });
});

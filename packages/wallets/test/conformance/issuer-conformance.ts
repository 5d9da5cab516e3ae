import { decodeInvoice } from '@satway/protocol';
import type { BitcoinNetwork, InvoiceIssuer, InvoiceState, SettledNotice } from '@satway/wallets';
import type { IssuerTraits } from '@satway/wallets/conformance';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** An issuer, and somebody who pays it. */
export interface IssuerFixture {
  readonly issuer: InvoiceIssuer;
  readonly network: BitcoinNetwork;
  /** Pays an invoice of the issuer in full; done when the payer has the preimage. */
  pay(invoice: string): Promise<void>;
  /** How this wallet differs, where it may. */
  readonly traits?: IssuerTraits;
  /** Lets so much time pass by the wallet's clock; real time where left out. */
  passTime?(ms: number): Promise<void>;
  /** Cancels an invoice of the issuer. Where nobody can, say so: `describeInvoiceIssuer(name, makeFixture, { without: ['cancel'] })`. */
  cancel?(paymentHashHex: string): Promise<void>;
  close(): Promise<void>;
}

/** What a fixture cannot show; the cases that need it are then not in the suite. */
export interface IssuerSuiteOptions {
  readonly without?: readonly ('cancel' | 'onSettled')[];
}

/** One whose network can hold the payment of an ordinary invoice. */
export interface HoldingIssuerFixture extends IssuerFixture {
  /** Begins to pay, and is done when the payee's node holds the money. */
  payAndHold(invoice: string): Promise<void>;
  passTime(ms: number): Promise<void>;
}

const UNKNOWN_HASH = '5a'.repeat(32);

/** What every `InvoiceIssuer` promises; small amounts, so that it can run on real nodes. */
export function describeInvoiceIssuer(
  name: string,
  makeFixture: () => Promise<IssuerFixture>,
  { without = [] }: IssuerSuiteOptions = {},
): void {
  describe(`an invoice issuer: ${name}`, () => {
    let fixture: IssuerFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    const itUnlessWithout = (what: 'cancel' | 'onSettled', title: string, run: () => Promise<void>) =>
      it.each(without.includes(what) ? [] : [title])('%s', run);
    const create = (amountMsat = 2000, expirySeconds = 600) =>
      fixture.issuer.create({ amountMsat, description: 'one call', expirySeconds });
    const passTime = (ms: number) => (fixture.passTime === undefined ? sleep(ms) : fixture.passTime(ms));
    /** Looks an invoice up until it stands there, for as long as the wallet may need. */
    const lookUpUntil = async (paymentHashHex: string, state: InvoiceState['state'], withinMs = 0) => {
      const untilMs = Date.now() + withinMs;
      let found = await fixture.issuer.lookUp(paymentHashHex);
      while (found.state !== state && Date.now() < untilMs) {
        await sleep(250);
        found = await fixture.issuer.lookUp(paymentHashHex);
      }
      return found;
    };

    it('issues a signed invoice of its network with exactly the amount, description and expiry that were asked for', async () => {
      const amountMsat = fixture.traits?.wholeSatsOnly === true ? 2000 : 2345;
      const issued = await create(amountMsat, 90);
      const decoded = decodeInvoice(issued.invoice);
      expect(decoded).toMatchObject({
        ok: true,
        value: {
          network: fixture.network,
          amountMsat: BigInt(amountMsat),
          description: 'one call',
          expirySeconds: 90,
          paymentHashHex: issued.paymentHashHex,
          expiresAtMs: issued.expiresAtMs,
        },
      });
      expect(issued).toMatchObject({ amountMsat, createdAtMs: issued.expiresAtMs - 90_000 });
    });

    it('issues an amount that is not whole satoshis exactly, or refuses it', async () => {
      const issuing = create(1500);
      if (fixture.traits?.wholeSatsOnly !== true) return expect((await issuing).amountMsat).toBe(1500);
      await expect(issuing).rejects.toMatchObject({ code: 'WALLET_REFUSED', fundsMoved: 'no' });
      await expect(create(500)).rejects.toMatchObject({ code: 'WALLET_REFUSED', fundsMoved: 'no' });
    });

    it('keeps a long description whole, and refuses one that it cannot keep', async () => {
      const longest = fixture.traits?.longestDescription ?? 200;
      const describe = (length: number) =>
        fixture.issuer.create({ amountMsat: 2000, description: 'd'.repeat(length), expirySeconds: 600 });
      const decoded = decodeInvoice((await describe(longest)).invoice);
      expect(decoded).toMatchObject({ ok: true, value: { description: 'd'.repeat(longest) } });
      if (fixture.traits?.longestDescription === undefined) return;
      await expect(describe(longest + 1)).rejects.toMatchObject({ code: 'WALLET_REFUSED', fundsMoved: 'no' });
    });

    it('knows its network after the first invoice', async () => {
      await create();
      expect(fixture.issuer.network).toBe(fixture.network);
    });

    it('gives each invoice a payment hash of its own', async () => {
      const issued = await Promise.all([create(), create(), create()]);
      expect(new Set(issued.map(({ paymentHashHex }) => paymentHashHex)).size).toBe(3);
    });

    it('reports an invoice open until it is paid, and then settled with the amount that came in', async () => {
      const issued = await create(3000);
      expect(await fixture.issuer.lookUp(issued.paymentHashHex)).toEqual({
        state: 'open',
        expiresAtMs: issued.expiresAtMs,
      });
      await fixture.pay(issued.invoice);
      const withinMs = fixture.traits?.settlementShowsWithinMs;
      const settled = await lookUpUntil(issued.paymentHashHex, 'settled', withinMs);
      expect(settled).toMatchObject({ state: 'settled', amountReceivedMsat: 3000 });
      const settledAtMs = settled.state === 'settled' ? settled.settledAtMs : null;
      expect(Math.abs((settledAtMs ?? issued.createdAtMs) - issued.createdAtMs)).toBeLessThan(600_000);
    });

    it('never shows a preimage', async () => {
      const issued = await create();
      const states = [issued, await fixture.issuer.lookUp(issued.paymentHashHex)];
      await fixture.pay(issued.invoice);
      states.push(await fixture.issuer.lookUp(issued.paymentHashHex));
      expect(JSON.stringify(states)).not.toMatch(/preimage/i);
    });

    it('does not know a hash that it never issued', async () => {
      expect(await fixture.issuer.lookUp(UNKNOWN_HASH)).toEqual({ state: 'notFound' });
    });

    it('reports an invoice closed once it has expired unpaid', async () => {
      const issued = await create(1000, 1);
      await passTime(2500);
      const withinMs = fixture.traits?.closedShowsWithinMs;
      expect(await lookUpUntil(issued.paymentHashHex, 'closed', withinMs)).toEqual({ state: 'closed' });
    });

    itUnlessWithout('cancel', 'reports a cancelled invoice closed', async () => {
      const issued = await create();
      expect(fixture).toHaveProperty('cancel');
      await fixture.cancel?.(issued.paymentHashHex);
      expect(await fixture.issuer.lookUp(issued.paymentHashHex)).toEqual({ state: 'closed' });
    });

    itUnlessWithout(
      'onSettled',
      'calls back when an invoice is settled, and not after it was told to stop',
      async () => {
        expect(fixture.issuer).toHaveProperty('onSettled');
        const notices: SettledNotice[] = [];
        const issued = await create(2000);
        const told = new Promise<void>((resolve) => {
          const stop = fixture.issuer.onSettled?.((notice) => {
            notices.push(notice);
            if (notice.paymentHashHex !== issued.paymentHashHex) return;
            stop?.();
            resolve();
          });
        });
        await fixture.pay(issued.invoice);
        await told;
        const heard = notices.length;
        await fixture.pay((await create()).invoice);
        expect(notices).toContainEqual({ paymentHashHex: issued.paymentHashHex, amountReceivedMsat: 2000 });
        expect(notices).toHaveLength(heard);
      },
    );

    it.each([0, -1, 1.5, Number.NaN, 2 ** 53])('refuses an amount of %s millisatoshis', async (amountMsat) => {
      await expect(create(amountMsat)).rejects.toMatchObject({ code: 'WALLET_REFUSED', fundsMoved: 'no' });
    });

    it.each([0, -1, 0.5])('refuses an expiry of %s seconds', async (expirySeconds) => {
      await expect(create(1000, expirySeconds)).rejects.toMatchObject({ code: 'WALLET_REFUSED', fundsMoved: 'no' });
    });
  });
}

/** What an `InvoiceIssuer` says of money that is held. */
export function describeHeldInvoices(name: string, makeFixture: () => Promise<HoldingIssuerFixture>): void {
  describe(`an invoice issuer whose payer’s money is held: ${name}`, () => {
    let fixture: HoldingIssuerFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    it('reports the invoice held, past its expiry too', async () => {
      const issued = await fixture.issuer.create({ amountMsat: 2000, description: 'one call', expirySeconds: 60 });
      await fixture.payAndHold(issued.invoice);
      expect(await fixture.issuer.lookUp(issued.paymentHashHex)).toEqual({ state: 'held' });
      await fixture.passTime(90_000);
      expect(await fixture.issuer.lookUp(issued.paymentHashHex)).toEqual({ state: 'held' });
    });
  });
}

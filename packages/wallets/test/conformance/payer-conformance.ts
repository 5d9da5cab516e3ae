import { type InvoiceToPay, type PayerSubject, payerCases } from '@satway/wallets/conformance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byName } from './by-name.js';

/** A payer with some money, and somebody who sells to it. */
export interface PayerFixture extends PayerSubject {
  readonly createInvoice: (amountMsat: number, expirySeconds: number) => Promise<InvoiceToPay>;
  close(): Promise<void>;
}

/** What a fixture cannot show; the cases that need it are then not in the suite. */
export interface PayerSuiteOptions {
  readonly without?: readonly ('cancel' | 'hold' | 'refusesSecondPayment' | 'boundsFees')[];
}

/**
 * What every `InvoicePayer` promises, one test for each case of `@satway/wallets/conformance`. A case whose need the fixture lacks fails, unless
 * `without` says so.
 */
export function describeInvoicePayer(
  name: string,
  makeFixture: () => Promise<PayerFixture>,
  { without = [] }: PayerSuiteOptions = {},
): void {
  describe(`an invoice payer: ${name}`, () => {
    let fixture: PayerFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    const isShown = (need: string): boolean => !without.some((missing) => missing === need);
    it.each(byName(payerCases.filter(({ needs }) => needs.every(isShown))))('%s', (_name, { run }) => run(fixture));

    it('says whether it refuses to pay one invoice twice', () =>
      expect(fixture.payer.refusesSecondPayment).toBe(isShown('refusesSecondPayment')));

    it('says whether it bounds its fees', () =>
      expect(fixture.payer.feeCeilingMsat(1000) !== null).toBe(isShown('boundsFees')));
  });
}

import { type ConformanceNeed, heldInvoiceCases, type IssuerSubject, issuerCases } from '@satway/wallets/conformance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byName } from './by-name.js';

/** An issuer, and somebody who pays it. */
export interface IssuerFixture extends IssuerSubject {
  close(): Promise<void>;
}

/** One whose network can hold the payment of an ordinary invoice. */
export interface HoldingIssuerFixture extends IssuerFixture {
  readonly payAndHold: (invoice: string) => Promise<void>;
}

/** What a fixture cannot show; the cases that need it are then not in the suite. */
export interface IssuerSuiteOptions {
  readonly without?: readonly ('cancel' | 'onSettled')[];
}

/**
 * What every `InvoiceIssuer` promises, one test for each case of `@satway/wallets/conformance`. A case whose need the fixture lacks fails, unless
 * `without` says so.
 */
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

    it.each(byName(issuerCases.filter(({ needs }) => canShow(needs, without))))('%s', (_name, { run }) => run(fixture));

    it.each(without.includes('onSettled') ? ['has no way to be told of settlements'] : [])('%s', () =>
      expect('onSettled' in fixture.issuer).toBe(false),
    );
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

    it.each(byName(heldInvoiceCases))('%s', (_name, { run }) => run(fixture));
  });
}

function canShow(needs: readonly ConformanceNeed[], without: readonly ConformanceNeed[]): boolean {
  return !needs.some((need) => without.includes(need));
}

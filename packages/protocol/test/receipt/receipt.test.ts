import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkReceipt, type Receipt, receiptDigest, readReceipt } from '../../src/index.js';
import { RECEIPT } from './receipt-fixture.js';

/** With a digest that fits, as somebody makes who means to deceive. */
function forged(changes: Partial<Receipt>): Receipt {
  const changed = { ...RECEIPT, ...changes };
  return { ...changed, digest: receiptDigest(changed) };
}

const faultsOf = (receipt: Receipt) => checkReceipt(receipt).faults.map(({ fault }) => fault);

describe('a receipt', () => {
  it('proves its payment by the invoice and the preimage in it', () => {
    expect(checkReceipt(RECEIPT)).toEqual({ faults: [], isProven: true });
  });

  it('has the digest that was computed elsewhere, with the preimage and without', () => {
    expect(receiptDigest(RECEIPT)).toBe(RECEIPT.digest);
    expect(receiptDigest({ ...RECEIPT, preimage: null } as Receipt)).toBe(RECEIPT.digest);
  });

  it('without its preimage holds together and proves nothing', () => {
    expect(checkReceipt({ ...RECEIPT, preimage: null })).toEqual({ faults: [], isProven: false });
  });

  const other = RECEIPT.invoice.replace('lnbcrt50010p', 'lnbcrt40010p');
  it.each([
    ['another price', { amountMsat: 6001, totalMsat: 6021 }, ['amount']],
    ['another payment hash', { paymentHash: 'ab'.repeat(32) }, ['payment_hash', 'preimage']],
    ['another payee', { payee: `02${'ab'.repeat(32)}` }, ['payee']],
    ['another network', { network: 'bitcoin' as const }, ['network']],
    ['another description', { description: 'nothing' }, ['description']],
    ['no description', { description: null }, ['description']],
    ['another preimage', { preimage: '00'.repeat(32) }, ['preimage']],
    ['a sum that is none', { totalMsat: 5020 }, ['sum']],
    ['an invoice that is none', { invoice: 'lnbcrt1' }, ['invoice']],
    ['an invoice of another price', { invoice: other, amountMsat: 4001, totalMsat: 4021 }, ['invoice']],
  ])('with %s is found out, also where its digest was made anew', (_, changes, expected) => {
    expect(faultsOf(forged(changes))).toEqual(expected);
    expect(checkReceipt(forged(changes)).isProven).toBe(false);
  });

  it.each(['purchaseId', 'paidAt', 'method', 'url', 'feeMsat', 'outcome', 'budget'] as const)(
    'whose %s was changed by a slip of the hand is found out by its digest',
    (field) => {
      const value = field === 'feeMsat' ? 21 : field === 'paidAt' ? '2026-09-21T12:00:00.001Z' : 'else';
      expect(faultsOf({ ...RECEIPT, [field]: value })).toContain('digest');
    },
  );
});

describe('reading a receipt', () => {
  it('takes one as it is', () => {
    expect(readReceipt(JSON.parse(JSON.stringify(RECEIPT)))).toEqual({ ok: true, value: RECEIPT });
  });

  it.each([
    ['no object', []],
    ['a field too many', { ...RECEIPT, note: 'x' }],
    ['a prototype', JSON.parse(`{"__proto__":{},${JSON.stringify(RECEIPT).slice(1)}`) as unknown],
    ['an amount in words', { ...RECEIPT, amountMsat: '5001' }],
    ['an amount below zero', { ...RECEIPT, feeMsat: -1 }],
    ['an amount that is not whole', { ...RECEIPT, feeMsat: 0.5 }],
    ['a time that is none', { ...RECEIPT, paidAt: '2026-13-01T00:00:00.000Z' }],
    ['a time in another form', { ...RECEIPT, paidAt: '2026-09-21T12:00:00Z' }],
    ['a network that is none', { ...RECEIPT, network: 'toString' }],
    ['a payee that is none', { ...RECEIPT, payee: '04'.repeat(33) }],
    ['a preimage that is none', { ...RECEIPT, preimage: 'hush' }],
    ['no invoice', { ...RECEIPT, invoice: null }],
  ])('refuses %s', (_, value) => {
    expect(readReceipt(value)).toMatchObject({ ok: false, code: 'RECEIPT_INVALID' });
  });

  it('gives a receipt or a refusal for any JSON, and each receipt can be checked', () => {
    const field = fc.oneof(fc.jsonValue(), fc.constant(null), fc.string());
    const anyReceipt = fc.record(
      Object.fromEntries(
        Object.entries(RECEIPT).map(([name, value]) => [
          name,
          fc.oneof({ weight: 9, arbitrary: fc.constant(value) }, field),
        ]),
      ),
    );
    fc.assert(
      fc.property(fc.oneof(anyReceipt, fc.jsonValue()), (value) => {
        const read = readReceipt(value);
        if (!read.ok) return read.code === 'RECEIPT_INVALID';
        return Array.isArray(checkReceipt(read.value).faults);
      }),
      { numRuns: 300 },
    );
  });
});

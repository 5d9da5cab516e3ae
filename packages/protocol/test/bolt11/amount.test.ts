import { decodeInvoice, msatFromDecoded } from '@satway/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAmount, parseAmount } from '../../src/bolt11/amount.js';
import { forge } from './forge.js';

describe('the amount in the human-readable part', () => {
  it.each([
    ['', null],
    ['20m', 2_000_000_000n],
    ['2500u', 250_000_000n],
    ['250n', 25_000n],
    ['9678785340p', 967_878_534n],
    ['10p', 1n],
    ['1', 100_000_000_000n],
    ['21000000', 2_100_000_000_000_000_000n],
  ])('reads %j as %s msat', (text, amountMsat) => {
    expect(parseAmount(text)).toEqual({ ok: true, value: amountMsat });
  });

  it.each([
    ['0', 'INVOICE_AMOUNT_INVALID'],
    ['0m', 'INVOICE_AMOUNT_INVALID'],
    ['01m', 'INVOICE_AMOUNT_INVALID'],
    ['-1m', 'INVOICE_AMOUNT_INVALID'],
    ['1.5m', 'INVOICE_AMOUNT_INVALID'],
    ['1e3m', 'INVOICE_AMOUNT_INVALID'],
    ['m', 'INVOICE_AMOUNT_INVALID'],
    ['1x', 'INVOICE_AMOUNT_INVALID'],
    ['1M', 'INVOICE_AMOUNT_INVALID'],
    ['1mm', 'INVOICE_AMOUNT_INVALID'],
    ['1m\n', 'INVOICE_AMOUNT_INVALID'],
    ['١m', 'INVOICE_AMOUNT_INVALID'],
    ['constructor', 'INVOICE_AMOUNT_INVALID'],
    ['21000001', 'INVOICE_AMOUNT_INVALID'],
    ['99999999999999999999999999', 'INVOICE_AMOUNT_INVALID'],
    ['1p', 'INVOICE_SUB_MILLISATOSHI'],
    ['2500000001p', 'INVOICE_SUB_MILLISATOSHI'],
  ])('refuses %j', (text, code) => {
    expect(parseAmount(text)).toMatchObject({ ok: false, code });
  });

  it('reads what it writes, with the largest multiplier that keeps the amount whole', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2_100_000_000_000_000_000n }), (amountMsat) => {
        expect(parseAmount(formatAmount(amountMsat) ?? 'nothing')).toEqual({ ok: true, value: amountMsat });
      }),
    );
    expect([1n, 100n, 100_000n, 100_000_000n, 100_000_000_000n].map(formatAmount)).toEqual([
      '10p',
      '1n',
      '1u',
      '1m',
      '1',
    ]);
  });

  it('writes no amount that no invoice can carry', () => {
    expect([0n, -1n, 2_100_000_000_000_000_001n].map(formatAmount)).toEqual([null, null, null]);
  });
});

describe('an invoice with a whole number of bitcoin and no multiplier', () => {
  it('is not mistaken for one without an amount, although 1 is also the separator', () => {
    expect(forge({ humanPart: 'lnbc1' })).toMatch(/^lnbc11/);
    expect(decodeInvoice(forge({ humanPart: 'lnbc1' }))).toMatchObject({ value: { amountMsat: 100_000_000_000n } });
    expect(decodeInvoice(forge({ humanPart: 'lnbc' }))).toMatchObject({ value: { amountMsat: null } });
    expect(decodeInvoice(forge({ humanPart: 'lnbcrt11' }))).toMatchObject({
      value: { amountMsat: 1_100_000_000_000n },
    });
  });
});

describe('msatFromDecoded', () => {
  it('gives safe integers only', () => {
    expect(msatFromDecoded(9_007_199_254_740_991n)).toEqual({ ok: true, value: 9_007_199_254_740_991 });
    expect(msatFromDecoded(9_007_199_254_740_992n)).toMatchObject({ ok: false, code: 'AMOUNT_OUT_OF_RANGE' });
    expect(msatFromDecoded(-1n)).toMatchObject({ ok: false, code: 'AMOUNT_OUT_OF_RANGE' });
  });
});

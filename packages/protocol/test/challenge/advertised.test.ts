import { advertisedByParams, advertisedByPayment, parseChallenges } from '@satway/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const advertised = (params: Readonly<Record<string, string>>): number | null =>
  advertisedByParams(new Map(Object.entries(params)));

describe('a price beside the invoice', () => {
  it.each([
    [{}, null],
    [{ invoice: 'lnbc1', version: '0', realm: '5' }, null],
    [{ pricesats: '5' }, 5_000],
    [{ price_sats: '5', amount_sats: '5', amount: '5' }, 5_000],
    [{ amount_msat: '250' }, 250],
    [{ amount_msat: '5000', amount_sats: '5' }, 5_000],
    [{ price: '0.25' }, 250],
    [{ price: '1.005' }, 1_005],
    [{ amount: '5', currency: 'SAT' }, 5_000],
    [{ amount: '' }, null],
  ])('of %j is %s msat', (params, expected) => {
    expect(advertised(params)).toBe(expected);
  });

  it.each([[{ amount: '0.01', currency: 'USD' }], [{ price: '$0.01' }], [{ amount: 'five' }]])(
    'of %j is in no unit that is known',
    (params) => expect(advertised(params)).toBeNull(),
  );

  it.each([
    [{ pricesats: '5', amountsats: '4' }],
    [{ price_sats: '5', amount: '1' }],
    [{ amount_sats: 'five' }],
    [{ amount_sats: '-5' }],
    [{ amount_sats: '1e3' }],
    [{ amount_msat: '9'.repeat(40) }],
  ])('of %j is one that no invoice meets', (params) => expect(advertised(params)).toBe(0));

  it('is a number or nothing, whatever the parameters', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('amount', 'price', 'amount_sats', 'currency'), fc.string()),
        (params) => {
          const price = advertised(params);
          expect(price === null || price >= 0).toBe(true);
        },
      ),
    );
  });
});

describe('a price in a challenge of the Payment scheme', () => {
  const advertisedBy = (request: string, method = 'lightning'): number | null => {
    const [challenge] = parseChallenges([
      `Payment id="aWQ", method="${method}", intent="charge", request="${request}"`,
    ]);
    return challenge?.scheme === 'Payment' ? advertisedByPayment(challenge) : Number.NaN;
  };
  const encode = (request: unknown): string => Buffer.from(JSON.stringify(request)).toString('base64url');

  it.each([
    [{ amount: '5', currency: 'sat' }, 5_000],
    [{ amount: '250000' }, 250_000_000],
    [{ amount: 5, currency: 'SATS' }, 5_000],
  ])('of %j is %d msat', (request, expected) => expect(advertisedBy(encode(request))).toBe(expected));

  it.each([[{ amount: 'one' }], [{ amount: '' }], [{ amount: '-5' }], [{ amount: '1e3' }], [{ amount: null }]])(
    'of %j is one that no invoice meets',
    (request) => expect(advertisedBy(encode(request))).toBe(0),
  );

  it.each([[{ amount: '1', currency: 'usd' }], [{ amount: '1', currency: 5 }], [{}], [[]], [null], ['1']])(
    'of %j is in no unit that is known',
    (request) => expect(advertisedBy(encode(request))).toBeNull(),
  );

  it('is read from nothing else', () => {
    expect(advertisedBy('%%%')).toBeNull();
    expect(advertisedBy('bm8ganNvbg')).toBeNull();
    expect(advertisedBy(encode({ amount: '1', currency: 'sat' }), 'card')).toBeNull();
  });
});

import { expect, it } from 'vitest';
import { describeExcess } from '../../src/wallet/excess-powers.js';

const settings = (macaroonHex: string) => ({ kind: 'lnd', url: 'https://node:8080', macaroonHex }) as const;

it('a macaroon that does not show what it allows is not taken for a small one', () => {
  expect(describeExcess(settings('00ff'))).toEqual([expect.stringContaining('cannot be read from it')]);
});

it('one that is none at all is left to the wallet, and other kinds are too', () => {
  expect(describeExcess(settings(''))).toEqual([]);
  expect(describeExcess({ kind: 'phoenixd', url: 'http://127.0.0.1:9740', password: 'x' })).toEqual([]);
});

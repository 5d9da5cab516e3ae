import { SatwayError } from '@satway/base';
import type { IssuedInvoice, ReceivingWallet } from '@satway/wallets';
import { expect, it } from 'vitest';
import { guardSales } from '../src/server/sale-guard.js';

const REQUEST = { amountMsat: 1000, description: 'one call', expirySeconds: 60 };
const ISSUED: IssuedInvoice = {
  invoice: 'lnbcrt1',
  paymentHashHex: 'ab'.repeat(32),
  amountMsat: 1000,
  createdAtMs: 1,
  expiresAtMs: 60_001,
};
const walletThat = (create: () => Promise<IssuedInvoice>): ReceivingWallet => ({
  kind: 'phoenixd',
  preimageIsProof: false,
  network: 'regtest',
  create,
  lookUp: async () => ({ state: 'notFound' }),
  receivableMsat: async () => null,
  inspect: () => Promise.reject(new SatwayError('WALLET_UNREACHABLE')),
  close: async () => undefined,
});
const refused = { code: 'WALLET_PERMISSION_DENIED', fundsMoved: 'no' };

it('a wallet that nobody has judged makes no invoice, and is looked up all the same', async () => {
  let asked = 0;
  const guard = guardSales(
    walletThat(async () => {
      asked += 1;
      return ISSUED;
    }),
  );
  await expect(guard.wallet.create(REQUEST)).rejects.toMatchObject(refused);
  expect(asked).toBe(0);
  expect(await guard.wallet.lookUp(ISSUED.paymentHashHex)).toEqual({ state: 'notFound' });
  guard.allow();
  expect(await guard.wallet.create(REQUEST)).toBe(ISSUED);
});

it('an invoice that was being made when its wallet was forbidden to sell is not handed out', async () => {
  let finish = (_issued: IssuedInvoice): void => undefined;
  const guard = guardSales(walletThat(() => new Promise((resolve) => (finish = resolve))));
  guard.allow();
  const selling = guard.wallet.create(REQUEST);
  const reason = new SatwayError('WALLET_TOO_POWERFUL');
  guard.forbid(reason);
  finish(ISSUED);
  await expect(selling).rejects.toMatchObject({ ...refused, cause: reason });
});

it('an invoice of a wallet that is forbidden to sell is not to be offered again, until the wallet may sell', () => {
  const guard = guardSales(walletThat(async () => ISSUED));
  const isWithdrawn = (): boolean | undefined => guard.wallet.isWithdrawn?.(ISSUED.paymentHashHex);
  guard.allow();
  expect(isWithdrawn()).toBe(false);
  guard.forbid(new SatwayError('WALLET_TOO_POWERFUL'));
  expect(isWithdrawn()).toBe(true);
  guard.allow();
  expect(isWithdrawn()).toBe(false);
});

import type { BitcoinNetwork, InvoiceIssuer } from '@satway/wallets';
import { describe, expect, it } from 'vitest';
import type { GatewayConfig } from '../src/index.js';
import { guardWallet } from '../src/server/wallet-guard.js';

const invoice = {
  invoice: 'lnbc1',
  paymentHashHex: '00'.repeat(32),
  amountMsat: 1_000,
  createdAtMs: 0,
  expiresAtMs: 1,
};
const request = { amountMsat: 1_000, description: 'x', expirySeconds: 60 };

/** A wallet that tells its network with the first invoice, as one with an invoice-only credential does. */
function walletOn(network: BitcoinNetwork, toldAtStart: boolean): InvoiceIssuer {
  let told: BitcoinNetwork | null = toldAtStart ? network : null;
  return {
    preimageIsProof: true,
    get network() {
      return told;
    },
    create: () => {
      told = network;
      return Promise.resolve(invoice);
    },
    lookUp: () => Promise.resolve({ state: 'notFound' }),
  };
}

function config(
  network: BitcoinNetwork | null,
  store: GatewayConfig['store'] = { kind: 'memory' },
): Pick<GatewayConfig, 'store' | 'wallets'> {
  const settings = { kind: 'lnd', url: 'https://n', macaroonHex: '02' } as const;
  const wallet = { settings: network === null ? settings : { ...settings, network }, allowPowers: [] };
  return { store, wallets: [wallet] };
}

const pglite = (acceptPowerLoss: boolean): GatewayConfig['store'] => ({
  kind: 'pglite',
  folder: '/x',
  acceptPowerLoss,
});

describe('the guard before the wallet', () => {
  it('stops a start on mainnet with a store that a power cut can set back', () => {
    const code = 'POWER_LOSS_NOT_ACCEPTED';
    expect(() => guardWallet(walletOn('bitcoin', true), config(null, pglite(false)))).toThrow(
      expect.objectContaining({ code }),
    );
    expect(() => guardWallet(walletOn('bitcoin', false), config('bitcoin', pglite(false)))).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('offers no invoice on mainnet with such a store, where the network is known only by the invoice', async () => {
    const guarded = guardWallet(walletOn('bitcoin', false), config(null, pglite(false)));
    await expect(guarded.create(request)).rejects.toMatchObject({ code: 'POWER_LOSS_NOT_ACCEPTED' });
  });

  it.each([
    ['accepted', walletOn('bitcoin', true), config(null, pglite(true))],
    ['not mainnet', walletOn('regtest', false), config(null, pglite(false))],
    ['another store', walletOn('bitcoin', false), config('bitcoin', { kind: 'postgres', url: 'postgres://db' })],
  ])('lets invoices through: %s', async (_why, wallet, settings) => {
    expect(await guardWallet(wallet, settings).create(request)).toEqual(invoice);
  });

  it('offers no invoice on another network than the configured one', async () => {
    const code = 'WALLET_NETWORK_MISMATCH';
    expect(() => guardWallet(walletOn('regtest', true), config('bitcoin'))).toThrow(expect.objectContaining({ code }));
    await expect(guardWallet(walletOn('regtest', false), config('bitcoin')).create(request)).rejects.toMatchObject({
      code,
    });
  });

  it('passes on that an invoice is not to be offered again', () => {
    const wallet = { ...walletOn('regtest', true), isWithdrawn: (hash: string) => hash === 'ab' };
    const guarded = guardWallet(wallet, config(null));
    expect([guarded.isWithdrawn?.('ab'), guarded.isWithdrawn?.('cd')]).toEqual([true, false]);
    expect(guardWallet(walletOn('regtest', true), config(null))).not.toHaveProperty('isWithdrawn');
  });
});

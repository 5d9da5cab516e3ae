import { X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PayingWallet, ReceivingWallet } from '@satway/wallets';
import { walletFromEnv } from '@satway/wallets/environment';
import { connectPayingWallet, openReceivingWallet } from '@satway/wallets/open-wallet';
import { type WalletWatchEvent, watchWallets } from '@satway/wallets/watch';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { addInvoice, payInvoice, type RegtestNetwork, startRegtestNetwork } from './network/index.js';
import { bakePayMacaroon } from './roles.js';

let network: RegtestNetwork;
let purse: PayingWallet;
let till: ReceivingWallet;

beforeAll(async () => {
  network = await startRegtestNetwork();
  purse = await connectPayingWallet(await purseFromEnvironment());
  till = await openReceivingWallet(await tillFromEnvironment());
});

afterAll(async () => {
  await Promise.all([purse?.close(), till?.close()]);
  await network?.stop();
});

/** As a container hands it over: the macaroon in a file, the certificate by its fingerprint. */
async function purseFromEnvironment() {
  const { buyer } = network.nodes;
  const LND_MACAROON_FILE = join(network.folder, 'pay.macaroon');
  writeFileSync(LND_MACAROON_FILE, Buffer.from(await bakePayMacaroon(buyer), 'hex'));
  chmodSync(LND_MACAROON_FILE, 0o600);
  const LND_TLS_CERT = new X509Certificate(readFileSync(buyer.tlsCertPath)).fingerprint256;
  const environment = { LND_REST_HOST: buyer.restUrl, LND_MACAROON_FILE, LND_TLS_CERT };
  return walletFromEnv(environment, { role: 'pay' }).settings;
}

/** As on a command line: the macaroon as text, the certificate by its path, the address without a scheme. */
async function tillFromEnvironment() {
  const { seller } = network.nodes;
  const LND_MACAROON = await seller.bakeMacaroon([
    '/lnrpc.Lightning/AddInvoice',
    '/lnrpc.Lightning/LookupInvoice',
    '/lnrpc.Lightning/ChannelBalance',
  ]);
  const LND_REST_HOST = seller.restUrl.replace('https://', '');
  return walletFromEnv({ LND_REST_HOST, LND_MACAROON, LND_TLS_CERT: seller.tlsCertPath }, { role: 'receive' }).settings;
}

/** Both wallets, with marks half a thousand satoshis below what is there now. */
async function startWatch(events: WalletWatchEvent[]) {
  const { spendableMsat } = await purse.balance();
  const receivableMsat = (await till.receivableMsat()) ?? expect.fail('LND says what can be received');
  const watch = watchWallets({
    wallets: [
      { name: 'purse', wallet: purse, balanceBelowMsat: spendableMsat - 500_000 },
      { name: 'till', wallet: till, inboundBelowMsat: receivableMsat - 500_000 },
    ],
    onEvent: (event) => events.push(event),
    unreachableAfter: 2,
    everyMs: 1_000_000,
  });
  onTestFinished(() => watch.stop());
  await watch.checkNow();
  return watch;
}

describe('wallets of the environment on real LNDs', () => {
  it('are watched: money that goes, a node that is killed, and one that comes back', async () => {
    const { buyer, seller } = network.nodes;
    const events: WalletWatchEvent[] = [];
    const newsOf = (name: string) =>
      events.filter(({ wallet, type }) => wallet === name && !type.startsWith('wallet_read')).map(({ type }) => type);
    const watch = await startWatch(events);
    expect([newsOf('purse'), newsOf('till')]).toEqual([[], []]);

    const { invoice } = await addInvoice(seller, 1_000_000);
    expect(await payInvoice(buyer, invoice)).toMatchObject({ status: 'SUCCEEDED' });
    await network.settledBalancesMsat();
    await watch.checkNow();
    expect([newsOf('purse'), newsOf('till')]).toEqual([['wallet_balance_low'], ['wallet_inbound_low']]);

    await buyer.stop('SIGKILL');
    await watch.checkNow();
    await watch.checkNow();
    expect(events.findLast(({ wallet }) => wallet === 'purse')).toMatchObject({
      type: 'wallet_unreachable',
      code: 'WALLET_UNREACHABLE',
      failures: 2,
    });
    await buyer.start();
    await watch.checkNow();
    expect(newsOf('purse')).toEqual(['wallet_balance_low', 'wallet_unreachable', 'wallet_back']);
    expect(newsOf('till'), 'the other node was there all the time').toEqual(['wallet_inbound_low']);
  });
});

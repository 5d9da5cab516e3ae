import { type OwnWallet, testWallet } from '@satway/wallets/conformance';
import { connectNwcPayer, createNwcIssuer } from '@satway/wallets/nwc';
import { createSandboxNetwork, startSandboxLndServer } from '@satway/wallets/sandbox';
import { expect, it } from 'vitest';
import { startRelay, startWalletService } from '../../../../test/support/nwc/index.js';

const BALANCE_MSAT = 1_000_000;

it('the suite that people run passes between two wallets behind NWC, within its limit and by the books of both', async () => {
  const network = createSandboxNetwork();
  for (const name of ['mine', 'other']) network.addNode(name, { balanceMsat: BALANCE_MSAT });
  const lnd = await startSandboxLndServer(network, { tls: false });
  const relay = await startRelay();
  const open = async (name: string) => {
    const node = { url: lnd.url, macaroonHex: lnd.macaroonHex(name, 'admin') };
    const service = await startWalletService({ relayUrl: relay.url, node });
    const [payer, issuer] = [await connectNwcPayer({ uri: service.uri }), createNwcIssuer({ uri: service.uri })];
    const wallet: OwnWallet = { kind: 'nwc', network: payer.network, payer, issuer };
    const close = () => Promise.all([payer.close(), issuer.close()]).then(() => service.stop());
    return { wallet, close };
  };
  const [mine, other] = [await open('mine'), await open('other')];

  const { results, spentMsat } = await testWallet(mine.wallet, {
    limitMsat: 60_000,
    counterpart: other.wallet,
    allowUnboundedFees: true,
  });

  expect(results.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
  expect(results.filter(({ verdict }) => verdict === 'passed').length).toBeGreaterThan(25);
  const costs = (side: string) =>
    results.filter((each) => each.side === side).reduce((sum, { costMsat }) => sum + costMsat, 0);
  const { spendableMsat } = await network.node('mine').payer.balance();
  expect(BALANCE_MSAT - spendableMsat).toBe(costs('pay') - costs('receive'));
  expect(spentMsat).toBe(costs('pay') + costs('receive'));
  expect(spentMsat).toBeLessThanOrEqual(60_000);

  await Promise.all([mine.close(), other.close()]);
  await relay.stop();
  await lnd.close();
  network.close();
}, 180_000);

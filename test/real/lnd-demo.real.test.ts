import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, runSatway } from '../../packages/cli/test/run-satway.js';
import { type LndNode, type RegtestNetwork, startRegtestNetwork } from './network/index.js';
import { bakeInvoiceMacaroon, bakePayMacaroon } from './roles.js';

let network: RegtestNetwork;
beforeAll(async () => {
  network = await startRegtestNetwork();
});
afterAll(() => network?.stop());

/** A wallet as its owner writes it down: a file that names the node and the file of a macaroon for one role. */
async function walletFile(node: LndNode, bake: (node: LndNode) => Promise<string>): Promise<string> {
  const macaroon = join(network.folder, `${node.name}.macaroon`);
  writeFileSync(macaroon, Buffer.from(await bake(node), 'hex'), { mode: 0o600 });
  const file = join(network.folder, `${node.name}.json`);
  const wallet = { kind: 'lnd', url: node.restUrl, macaroonFile: macaroon, tlsCertFile: node.tlsCertPath };
  writeFileSync(file, JSON.stringify({ ...wallet, network: 'regtest' }));
  return file;
}

describe('the demo on two real LND nodes', () => {
  it('tells the same story, and the price is at the seller’s node afterwards, to the millisatoshi', async () => {
    const { seller, buyer } = network.nodes;
    const files = [
      '--seller-wallet-file',
      await walletFile(seller, bakeInvoiceMacaroon),
      '--buyer-wallet-file',
      await walletFile(buyer, bakePayMacaroon),
    ];
    const before = await network.settledBalancesMsat();
    const { code, stdout, stderr } = await runSatway(['demo', '--wallet', 'lnd', '--json', ...files], {
      SATWAY_HOME: join(network.folder, 'home'),
    });
    const after = await network.settledBalancesMsat();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const events = jsonLines(stdout);
    expect(events.find(({ event }) => event === 'started')).toMatchObject({ lndUrl: buyer.restUrl });
    expect(events.find(({ event }) => event === 'challenged')).toMatchObject({
      amountMsat: 5000,
      invoice: expect.stringMatching(/^lnbcrt50n1/),
    });
    expect(events.at(-1)).toEqual({ event: 'done', status: 200, paidMsat: 5000, feeMsat: 0 });
    expect({
      sellerMsat: after.sellerMsat - before.sellerMsat,
      buyerMsat: after.buyerMsat - before.buyerMsat,
    }).toEqual({ sellerMsat: 5000, buyerMsat: -5000 });
  });
});

describe('the doctor on two real LND nodes', () => {
  it('finds the credentials of both sides right, each for its role, and the clocks equal', async () => {
    const { seller, buyer } = network.nodes;
    for (const [role, file] of [
      ['receive', await walletFile(seller, bakeInvoiceMacaroon)],
      ['pay', await walletFile(buyer, bakePayMacaroon)],
    ] as const) {
      const { stdout } = await runSatway(['doctor', '--json', '--role', role, '--wallet-file', file], {
        SATWAY_HOME: join(network.folder, 'home'),
      });
      const checks = jsonLines(stdout)[0]?.['checks'] as { id: string; verdict: string }[];
      const verdictOf = (wanted: string) => checks.find(({ id }) => id === wanted)?.verdict;
      for (const id of [
        'wallet-reachable',
        'network',
        'credential-scope',
        'clock',
        'tls-certificate',
        'payment-look-up',
      ])
        expect([role, id, verdictOf(id)]).toEqual([role, id, 'ok']);
    }
  });

  it('fails where the selling side holds the admin macaroon, and ends with 1', async () => {
    const { seller } = network.nodes;
    const file = await walletFile(seller, async () => seller.macaroonHex());
    const { code, stdout } = await runSatway(['doctor', '--json', '--role', 'receive', '--wallet-file', file], {
      SATWAY_HOME: join(network.folder, 'home'),
    });
    const checks = jsonLines(stdout)[0]?.['checks'] as { id: string; verdict: string; fix: string }[];
    expect(checks.find(({ id }) => id === 'credential-scope')).toMatchObject({
      verdict: 'fail',
      fix: expect.stringContaining('lncli bakemacaroon'),
    });
    expect(code).toBe(1);
  });
});

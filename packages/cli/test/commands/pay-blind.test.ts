import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeInvoice } from '@satway/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { macaroonFor } from '../macaroon-for.js';
import { jsonLines, runSatway, serveSatway } from '../run-satway.js';
import { startWalletSandbox } from '../wallet-sandbox.js';

const PREIMAGE = '5a'.repeat(32);
const HASH = createHash('sha256').update(Buffer.from(PREIMAGE, 'hex')).digest('hex');
const SEND = '/routerrpc.Router/SendPaymentV2';
const TRACK = '/routerrpc.Router/TrackPaymentV2';

const INVOICE = encodeInvoice(
  {
    network: 'regtest',
    amountMsat: 5000n,
    timestampSeconds: Math.floor(Date.now() / 1000),
    paymentHashHex: HASH,
    paymentSecretHex: 'c8'.repeat(32),
    description: 'one call',
    expirySeconds: 600,
  },
  Buffer.alloc(32, 9),
);
const PAID = {
  result: { payment_hash: HASH, payment_preimage: PREIMAGE, status: 'SUCCEEDED', value_msat: '5000', fee_msat: '0' },
};
const INFO = { identity_pubkey: `02${'ab'.repeat(32)}`, chains: [{ chain: 'bitcoin', network: 'regtest' }] };

let home = '';
let node: Server;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'satway-home-'));
  node = createServer((request, response) => {
    response.end(JSON.stringify(request.url === '/v1/getinfo' ? INFO : PAID));
  }).listen(0, '127.0.0.1');
  await once(node, 'listening');
});
afterEach(() => {
  node.closeAllConnections();
  node.close();
  rmSync(home, { recursive: true, force: true });
});

const environment = (...methods: string[]): Record<string, string> => ({
  SATWAY_HOME: home,
  LND_REST_HOST: `http://127.0.0.1:${(node.address() as AddressInfo).port}`,
  LND_MACAROON: macaroonFor('/lnrpc.Lightning/GetInfo', ...methods),
});
const warningsIn = (stderr: string): string[] =>
  jsonLines(stderr).flatMap((line) => (typeof line['warning'] === 'string' ? [line['warning']] : []));
const BLIND = expect.stringMatching(/cannot look payments up.*uri:\/routerrpc\.Router\/TrackPaymentV2/) as string;

describe('a credential that cannot look payments up', { timeout: 120_000 }, () => {
  const payInvoice = (...methods: string[]) =>
    runSatway(['wallet', 'pay', INVOICE, '--max-sats', '100', '--yes', '--json'], environment(...methods));

  it('is warned of once by satway wallet pay, which pays all the same', async () => {
    const { code, stdout, stderr } = await payInvoice(SEND);
    expect(warningsIn(stderr)).toEqual([BLIND]);
    expect({ code, last: jsonLines(stdout).at(-1) }).toMatchObject({ code: 0, last: { state: 'settled' } });
  });

  it('is not spoken of where it can', async () => {
    expect(await payInvoice(SEND, TRACK)).toMatchObject({ code: 0, stderr: '' });
  });

  it('is warned of once by satway pay', async () => {
    const shop = await serveSatway(['demo', '--serve', '--json']);
    const { stderr } = await runSatway(['pay', String(shop.first['paidUrl']), '--json'], environment(SEND));
    await shop.stop('SIGTERM');
    expect(warningsIn(stderr)).toEqual([BLIND]);
  });

  it('is warned of once by satway demo, before anything is spent', async () => {
    const chains = [{ chain: 'bitcoin', network: 'mainnet' }];
    node.removeAllListeners('request').on('request', (_, response: ServerResponse) => {
      response.end(JSON.stringify({ ...INFO, chains }));
    });
    const sandbox = await startWalletSandbox();
    const { LND_REST_HOST = '', LND_MACAROON = '' } = sandbox.environment('seller', 'invoice');
    const { code, stdout, stderr } = await runSatway(['demo', '--wallet', 'lnd', '--json'], {
      ...environment(SEND),
      SELLER_LND_REST_HOST: LND_REST_HOST,
      SELLER_LND_MACAROON: LND_MACAROON,
    });
    await sandbox.close();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(warningsIn(stderr)).toEqual([BLIND]);
  });
});

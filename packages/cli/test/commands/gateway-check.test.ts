import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyFile } from '@satway/gateway';
import { createSandboxNetwork, startSandboxLndServer } from '@satway/wallets/sandbox';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Ended, runSatway } from '../run-satway.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'satway-check-'));
  await createKeyFile(join(folder, 'keys.json'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function check(kind: 'admin' | 'invoice', allow = ''): Promise<Ended> {
  const network = createSandboxNetwork();
  network.addNode('seller');
  const lnd = await startSandboxLndServer(network);
  const macaroonHex = lnd.macaroonHex('seller', kind);
  await lnd.close();
  network.close();
  await writeFile(
    join(folder, 'satway.yaml'),
    `version: 1
tenant: {id: 6f1d3c52-8a3b-4c1e-9d2f-0a1b2c3d4e5f, slug: acme}
origin: http://127.0.0.1:1
keys: ./keys.json
store: {kind: memory}
wallet: {kind: lnd, url: https://127.0.0.1:1, macaroonEnv: M${allow}}
endpoints: [{id: a, method: GET, path: /a, priceSats: 5}]
`,
  );
  return runSatway(['gateway', '--config', join(folder, 'satway.yaml'), '--check'], { M: macaroonHex });
}

it('satway gateway --check refuses a macaroon that can spend, without asking any node, and no other', async () => {
  const refused = await check('admin');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('lnd can pay and administer');
  expect((await check('invoice')).code).toBe(0);
  expect((await check('admin', ', allowPowers: [pay, administer]')).code).toBe(0);
});

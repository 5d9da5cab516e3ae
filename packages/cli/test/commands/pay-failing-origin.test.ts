import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, runSatway, type Serving, serveSatway } from '../run-satway.js';

let folder = '';
let sandbox: Serving;
let gateway: Serving;
let originFails = true;
const origin = createServer((_request, response) => response.writeHead(originFails ? 500 : 200).end('the answer'));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'satway-failing-'));
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  sandbox = await serveSatway(['sandbox', '--folder', join(folder, 'sandbox'), '--json']);
  await runSatway(['gateway', 'init', folder]);
  const config = join(folder, 'satway.yaml');
  const wallet = `wallet: {kind: lnd, url: "${String(sandbox.first['url'])}", macaroonFile: ${String(sandbox.first['invoiceMacaroonFile'])}}`;
  const text = readFileSync(config, 'utf8')
    .replace(/^origin: .*$/m, `origin: http://127.0.0.1:${(origin.address() as AddressInfo).port}`)
    .replace(/^listen: .*$/m, 'listen: {host: 127.0.0.1, port: 0}')
    .replace(/^store: .*$/m, 'store: {kind: memory}')
    .replace(/^wallet: .*$/m, wallet);
  writeFileSync(config, text);
  gateway = await serveSatway(['gateway', '--config', config, '--json']);
});

afterAll(async () => {
  await gateway.stop('SIGTERM');
  await sandbox.stop('SIGTERM');
  origin.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('satway pay, where the origin fails', () => {
  it('tells the failure, and the next run is served by the same payment', async () => {
    const environment = {
      SATWAY_HOME: join(folder, 'home'),
      LND_REST_HOST: String(sandbox.first['url']),
      LND_MACAROON: String(sandbox.first['payMacaroonFile']),
    };
    const args = ['pay', `${String(gateway.first['url'])}/v1/forecast/lugano`, '--json'];
    const first = await runSatway(args, environment);
    expect(first.code).toBe(9);
    expect(jsonLines(first.stdout)[0]).toMatchObject({ paidMsat: 5000, source: 'bought' });
    originFails = false;
    const second = await runSatway(args, environment);
    expect({ code: second.code, stderr: second.stderr }).toEqual({ code: 0, stderr: '' });
    expect(jsonLines(second.stdout)[0]).toMatchObject({ status: 200, paidMsat: 0, source: 'recovered' });
  }, 180_000);
});

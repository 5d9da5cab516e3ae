import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { openShop } from './support/gateway.js';
import { openLightning, serveLndRest } from './support/lightning.js';
import { openPython, runPython } from './support/python.js';

const SCRIPT = fileURLToPath(new URL('./support/buy.py', import.meta.url));
const INSTALL_TIMEOUT_MS = 300_000;

let python: string;
beforeAll(async () => {
  python = await openPython();
}, INSTALL_TIMEOUT_MS);

/** Lets l402-requests ask for one thing several times. */
async function buyWithPython(times: number, method: string, path: string) {
  const lightning = openLightning();
  const lnd = await serveLndRest(lightning.network);
  const shop = await openShop(lnd);
  const folder = await mkdtemp(join(tmpdir(), 'satway-interop-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const macaroonFile = join(folder, 'pay.macaroon.hex');
  await writeFile(macaroonFile, lnd.macaroonHex('buyer', 'pay'), { mode: 0o600 });
  const report = await runPython(python, SCRIPT, [String(times), method, `${shop.url}${path}`, lnd.url, macaroonFile]);
  return { lightning, shop, report };
}

it('l402-requests buys a forecast from our gateway and is served', async () => {
  const { lightning, shop, report } = await buyWithPython(1, 'GET', '/v1/forecast/bern');
  expect(report).toEqual({
    statuses: [200],
    bodies: ['{"path":"/v1/forecast/bern"}'],
    outcomes: ['charged'],
    paidSats: [5],
    spentSats: 5,
  });
  expect(lightning.paidMsat()).toEqual([5_000]);
  expect(shop.served()).toBe(1);
});

it('l402-requests posts an order', async () => {
  const { lightning, report } = await buyWithPython(1, 'POST', '/v1/order');
  expect(report).toMatchObject({ statuses: [200], paidSats: [7] });
  expect(lightning.paidMsat()).toEqual([7_000]);
});

it('l402-requests drops its used credential on our 402 and buys a second forecast', async () => {
  const { lightning, shop, report } = await buyWithPython(2, 'GET', '/v1/forecast/bern');
  expect(report).toMatchObject({ statuses: [200, 200], paidSats: [5, 5] });
  expect(lightning.paidMsat()).toEqual([5_000, 5_000]);
  expect(shop.served()).toBe(2);
});

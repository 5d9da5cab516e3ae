import { type OwnWallet, testWallet } from '@satway/wallets/conformance';
import { createEgress, type Egress } from '@satway/egress';
import { connectPhoenixdPayer, createPhoenixdIssuer } from '@satway/wallets/phoenixd';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeLightning } from './fake-lightning.js';
import { FakePhoenixd } from './fake-phoenixd.js';

let lightning: FakeLightning;
let egress: Egress;
let mine: FakePhoenixd;
let other: FakePhoenixd;
beforeEach(async () => {
  lightning = new FakeLightning();
  egress = createEgress();
  mine = await new FakePhoenixd(lightning, 300_000).start();
  other = await new FakePhoenixd(lightning, 300_000).start();
});
afterEach(async () => {
  await egress.close();
  await mine.kill();
  await other.kill();
});

const own = async ({ url, fullPassword: password }: FakePhoenixd): Promise<OwnWallet> => ({
  kind: 'phoenixd',
  network: 'regtest',
  issuer: createPhoenixdIssuer({ url, password, egress }),
  payer: await connectPhoenixdPayer({ url, password, egress, clock: lightning.now }),
});
const passTime = async (ms: number): Promise<void> => lightning.advance(ms);

it('the suite that people run against their own phoenixd passes between two of them, within its limit', {
  timeout: 120_000,
}, async () => {
  const report = await testWallet(await own(mine), {
    limitMsat: 200_000,
    counterpart: await own(other),
    passTime,
  });
  const failed = report.results.filter(({ verdict }) => verdict === 'failed');
  expect(failed.map(({ name, detail }) => `${name}: ${detail ?? ''}`)).toEqual([]);
  expect(report.results.filter(({ verdict }) => verdict === 'passed').length).toBeGreaterThan(20);
  // What the two of them lack is what the node between them took; phoenixd tells its balance in whole satoshis.
  const goneMsat = 600_000 - mine.ledger.balanceMsat - other.ledger.balanceMsat;
  expect(goneMsat).toBe(lightning.feesMsat);
  expect(report.spentMsat).toBeLessThanOrEqual(200_000);
  expect(report.spentMsat).toBeGreaterThan(goneMsat);
});

it('sends nothing that could pass the limit', async () => {
  const report = await testWallet(await own(mine), { limitMsat: 4000, counterpart: await own(other), passTime });
  expect(report.results.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
  expect(report.spentMsat).toBe(0);
  expect([mine.ledger.balanceMsat, other.ledger.balanceMsat]).toEqual([300_000, 300_000]);
});

import { createEgress, type Egress } from '@satway/egress';
import type { ReceivingWallet } from '@satway/wallets';
import { createFailoverIssuer, type WalletSwitch } from '@satway/wallets/failover';
import { createPhoenixdIssuer } from '@satway/wallets/phoenixd';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FakeLightning } from '../phoenixd/fake-lightning.js';
import { FakePhoenixd } from '../phoenixd/fake-phoenixd.js';

let lightning: FakeLightning;
let egress: Egress;
let main: FakePhoenixd;
let spare: FakePhoenixd;
let switches: WalletSwitch[];
let issuer: ReceivingWallet;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  lightning = new FakeLightning();
  egress = createEgress();
  [main, spare] = [await new FakePhoenixd(lightning).start(), await new FakePhoenixd(lightning).start()];
  switches = [];
  issuer = open();
});
afterEach(async () => {
  vi.useRealTimers();
  await egress.close();
  await main.kill();
  await spare.kill();
});

const open = () =>
  createFailoverIssuer(
    [main, spare].map(({ url, limitedPassword }) => createPhoenixdIssuer({ url, password: limitedPassword, egress })),
    { onSwitch: (event) => void switches.push(event), halfOpenAfterMs: 10_000 },
  );
const create = () => issuer.create({ amountMsat: 3000, description: 'one call', expirySeconds: 600 });

it('a daemon that is killed is left for the spare one, and taken back when it runs again', async () => {
  const before = await create();
  await lightning.send(before.paymentHashHex, 3000);
  await main.kill();
  const meanwhile = await create();
  expect(spare.ledger.incoming.has(meanwhile.paymentHashHex)).toBe(true);
  await expect(issuer.lookUp(before.paymentHashHex)).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE' });
  expect(await issuer.lookUp(meanwhile.paymentHashHex)).toMatchObject({ state: 'open' });
  await main.start();
  vi.setSystemTime(Date.now() + 10_000);
  expect(main.ledger.incoming.has((await create()).paymentHashHex)).toBe(true);
  expect(await issuer.lookUp(before.paymentHashHex)).toMatchObject({ state: 'settled', amountReceivedMsat: 3000 });
  expect(switches).toEqual([
    { from: 0, to: 1, code: 'WALLET_UNREACHABLE' },
    { from: 1, to: 0, code: null },
  ]);
});

it('another process finds the invoice of either daemon', async () => {
  const one = await create();
  main.addFault({ path: '/createinvoice', before: () => ({ status: 502, body: '<html>Bad gateway</html>' }) });
  const other = await create();
  expect(spare.ledger.incoming.has(other.paymentHashHex)).toBe(true);
  await lightning.send(other.paymentHashHex, 3000);
  issuer = open();
  expect(await issuer.lookUp(one.paymentHashHex)).toMatchObject({ state: 'open' });
  expect(await issuer.lookUp(other.paymentHashHex)).toMatchObject({ state: 'settled' });
  expect(await issuer.lookUp('ab'.repeat(32))).toEqual({ state: 'notFound' });
});

it('an amount that phoenixd cannot issue is refused by the first, and not tried with the second', async () => {
  const asked = { amountMsat: 1500, description: 'one call', expirySeconds: 600 };
  await expect(issuer.create(asked)).rejects.toMatchObject({ code: 'WALLET_REFUSED' });
  expect([...main.calls, ...spare.calls]).toEqual([]);
});

it('its preimages prove nothing, since those of its wallets do not', () => {
  expect(issuer.preimageIsProof).toBe(false);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTwo, type Two } from '../../../wallets/test/phoenixd/two-daemons.js';
import { runSatway } from '../run-satway.js';
import { readTold } from '../wallet-sandbox.js';

let daemons: Two;
let home = '';
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'satway-home-'));
  daemons = await startTwo({ balanceMsat: 2_000 });
});
afterEach(async () => {
  await daemons.close();
  rmSync(home, { recursive: true, force: true });
});

const pay = (invoice: string) =>
  runSatway(['wallet', 'pay', invoice, '--max-sats', '100', '--yes', '--json'], {
    SATWAY_HOME: home,
    LND_REST_HOST: '',
    LND_MACAROON: '',
    PHOENIXD_URL: daemons.buyer.url,
    PHOENIXD_PASSWORD: daemons.buyer.fullPassword,
  }).then(readTold);

describe('satway wallet pay with a wallet that refuses no second payment', { timeout: 60_000 }, () => {
  it('fails for certain while there are not enough funds, however often, and pays once there are', async () => {
    const { issuer, buyer, seller } = daemons;
    const { invoice } = await issuer.create({ amountMsat: 5000, description: 'one call', expirySeconds: 600 });
    for (const _ of [1, 2]) {
      const { code, errors } = await pay(invoice);
      expect({ code, error: errors.at(-1) }).toMatchObject({
        code: 4,
        error: { code: 'PAYMENT_FAILED', fundsMoved: 'no' },
      });
    }
    buyer.ledger.balanceMsat = 100_000;
    expect((await pay(invoice)).code).toBe(0);
    expect((await pay(invoice)).events).toMatchObject([{ event: 'payment', paidBefore: true }]);
    expect(seller.ledger.balanceMsat).toBe(5000);
  });
});

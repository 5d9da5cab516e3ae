import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTwo, type Two } from '../../../wallets/test/phoenixd/two-daemons.js';
import { readBill } from '../../src/wallet/bill.js';
import { type DirectPaymentEnd, payBill, readRecord } from '../../src/wallet/direct-payment/index.js';

let two: Two;
let folder = '';
beforeEach(async () => {
  two = await startTwo();
  folder = mkdtempSync(join(tmpdir(), 'satway-direct-'));
});
afterEach(async () => {
  await two.close();
  rmSync(folder, { recursive: true, force: true });
});

const pay = (invoice: string): Promise<DirectPaymentEnd> =>
  payBill({
    bill: readBill(invoice),
    wallet: two.payer,
    feeLimitMsat: 20_000,
    folder,
    nowMs: Date.now(),
    timeoutMs: 1000,
    approve: async () => true,
    refusePaidElsewhere: () => undefined,
    onSending: () => undefined,
  });

describe('satway wallet pay at a phoenixd that stands still with our request in its socket', () => {
  it('sends the invoice no second time because another program failed to pay it', async () => {
    const bill = await two.issuer.create({ amountMsat: 3000, description: 'one call', expirySeconds: 600 });
    const { lightning } = two;
    const send = lightning.send.bind(lightning);
    // phoenix-cli tries it while the seller is offline.
    lightning.send = async () => ({ state: 'unreachable' });
    expect(await two.pay(bill)).toMatchObject({ state: 'failed' });
    lightning.send = send;
    two.buyer.calls.length = 0;
    let isRead: (answer: null) => void = () => undefined;
    const reading = new Promise<null>((done) => (isRead = done));
    for (let request = 0; request < 2; request += 1) two.buyer.addFault({ path: '/payinvoice', before: () => reading });
    await expect(pay(bill.invoice)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    await expect(pay(bill.invoice)).rejects.toMatchObject({ code: 'PAYMENT_UNKNOWN' });
    expect(two.buyer.calls.filter(({ path }) => path === '/payinvoice')).toHaveLength(1);
    expect(readRecord(folder, bill.paymentHashHex)).toMatchObject({ state: 'sending', openSends: 1, totalSends: 1 });
    isRead(null);
  });
});

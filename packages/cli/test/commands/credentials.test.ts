import { Buffer } from 'node:buffer';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPurchaseStore } from '@satway/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quotePurchase } from '../quoted-purchase.js';
import { jsonLines, runSatway } from '../run-satway.js';

// Made with Go, as in the client's test of the token file.
const PREIMAGE = '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20';
const HASH = 'ae216c2ef5247a3782c135efa279a3e4cdc61094270f5d2be58c6204b7a612c9';
const MACAROON =
  '0201046c73617402420000ae216c2ef5247a3782c135efa279a3e4cdc61094270f5d2be58c6204b7a612c9777777777777777777777777777777777777777777777777777777777777777700021273657276696365733d776561746865723a30000219776561746865725f6361706162696c69746965733d7265616400000620b808c84e43d0ffb83bcb94e7295c5728827ebcc1676953dcf5ff79cdcff1ba41';
const TOKEN = Buffer.from(
  `000000a0${MACAROON}${HASH}${PREIMAGE}0000000000005208000000000000000318d75b842b47d4c0`,
  'hex',
);
const SECRETS = [PREIMAGE, MACAROON, Buffer.from(MACAROON, 'hex').toString('base64')];

let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'satway-credentials-'));
  folder = join(home, 'tokens');
  mkdirSync(join(folder, 'api.example.com'), { recursive: true });
  writeFileSync(join(folder, 'api.example.com', 'l402.token'), TOKEN);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const tokenFile = () => join(folder, 'api.example.com', 'l402.token');
async function credentials(...args: string[]) {
  const { code, stdout, stderr } = await runSatway(['credentials', ...args, '--json'], { SATWAY_HOME: home });
  for (const secret of SECRETS) expect(stdout + stderr).not.toContain(secret);
  return { code, stderr, lines: stdout === '' ? [] : jsonLines(stdout) };
}

describe('satway credentials', () => {
  it('takes in what lnget paid for, lists it, and writes it out again for both', async () => {
    const taken = await credentials('import', folder);
    expect(taken).toMatchObject({
      code: 0,
      lines: [{ added: true, origin: 'https://api.example.com', paymentHash: HASH, file: tokenFile() }],
    });
    expect((await credentials('import', folder)).lines).toMatchObject([{ added: false }]);
    const [listed] = (await credentials('list')).lines as unknown as Record<string, unknown>[][];
    expect(listed).toMatchObject([
      { origin: 'https://api.example.com', scope: 'host', state: 'good', imported: true, paymentHashHex: HASH },
    ]);
    const out = join(home, 'out');
    expect(await credentials('export', HASH.slice(0, 8), out, '--lnget')).toMatchObject({ code: 0 });
    const written = join(out, 'api.example.com', 'l402.token');
    expect(readFileSync(written)).toEqual(TOKEN);
    expect(statSync(written).mode & 0o777).toBe(0o600);
    expect(statSync(out).mode & 0o777).toBe(0o700);
    const again = await credentials('export', HASH, written);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('CREDENTIAL_FILE_INVALID')]);
    expect(readFileSync(written)).toEqual(TOKEN);
    for (const name of readdirSync(home).filter(
      (each) => each.startsWith('purchases.db') && !each.endsWith('.owners'),
    )) {
      const kept = readFileSync(join(home, name), 'latin1');
      for (const secret of SECRETS) expect(kept).not.toContain(secret);
    }
  });

  it('takes a single token for the host that is named, and says how to name one', async () => {
    const unnamed = await credentials('import', tokenFile());
    expect([unnamed.code, unnamed.stderr]).toEqual([2, expect.stringContaining('--url')]);
    const { code, lines } = await credentials('import', tokenFile(), '--url', 'http://localhost:8081/v1');
    expect([code, lines]).toMatchObject([0, [{ origin: 'http://localhost:8081' }]]);
  });

  it('takes in the good ones of a folder, and says which ones are bad', async () => {
    mkdirSync(join(folder, 'bad.example'));
    writeFileSync(
      join(folder, 'bad.example', 'l402.token'),
      Buffer.concat([TOKEN.subarray(0, -60), TOKEN.subarray(0, 60)]),
    );
    const { code, lines, stderr } = await credentials('import', folder);
    expect(lines).toMatchObject([{ added: true, paymentHash: HASH }]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('bad.example')]);
  });

  it('refuses what is no token, and makes no store to list one', async () => {
    expect((await credentials('list')).lines).toEqual([[]]);
    expect((await credentials('import', join(home, 'nothing'))).code).toBe(2);
    expect(existsSync(join(home, 'purchases.db'))).toBe(false);
    writeFileSync(tokenFile(), Buffer.alloc(70_000));
    expect(await credentials('import', folder)).toMatchObject({ code: 2, stderr: expect.stringContaining('larger') });
    expect(await credentials('export', HASH, join(home, 'x'))).toMatchObject({ code: 2 });
  });

  it('forgets one, which is listed as refused then and not used any more', async () => {
    await credentials('import', folder);
    expect(await credentials('forget', HASH)).toMatchObject({ code: 0, lines: [{ state: 'refused' }] });
    expect((await credentials('list')).lines).toMatchObject([[{ state: 'refused' }]]);
    expect(await credentials('forget', 'ffffffff')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('CREDENTIAL_NOT_FOUND'),
    });
  });

  it('gives up a paid purchase whose credential was damaged, so that the same call can buy anew', async () => {
    const store = openPurchaseStore({ path: join(home, 'purchases.db') });
    const purchaseId = quotePurchase(store, '11'.repeat(32));
    store.journal.reserve(purchaseId, { feeCeilingMsat: 0, maxTotalMsat: 100_000 });
    const unpaid = await credentials('forget', purchaseId);
    expect([unpaid.code, unpaid.stderr]).toEqual([2, expect.stringContaining('wallet resolve')]);
    store.journal.startSending(purchaseId);
    store.journal.settle(purchaseId, { preimageHex: PREIMAGE, amountMsat: 5000, feeMsat: 0 });
    expect((await credentials('forget', purchaseId)).stderr).toContain('PURCHASE_UNDER_WAY');
    store.journal.park(purchaseId);
    expect((await credentials('forget', purchaseId)).code).toBe(0);
    expect(store.journal.get(purchaseId)).toMatchObject({ state: 'redeemed', outcome: 'given up by a person' });
    store.close();
  });

  it('keeps to CREDENTIAL_STORE, and refuses one outside of the home directory and SATWAY_HOME', async () => {
    const inside = join(home, 'mine.db');
    const environment = { SATWAY_HOME: home, CREDENTIAL_STORE: inside };
    expect((await runSatway(['credentials', 'import', folder], environment)).code).toBe(0);
    expect([existsSync(inside), existsSync(`${inside}.key`)]).toEqual([true, true]);
    const outside = { SATWAY_HOME: home, CREDENTIAL_STORE: join(home, '..', 'elsewhere.db') };
    const { code, stderr } = await runSatway(['credentials', 'list'], outside);
    expect([code, stderr]).toEqual([2, expect.stringContaining('CREDENTIAL_STORE_REFUSED')]);
  });
});

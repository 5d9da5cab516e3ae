import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { openPurchaseStore } from '@satway/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, runSatway, type Serving, serveSatway, startSatway } from '../run-satway.js';

let home = '';
let shop: Serving;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'satway-secrets-'));
  shop = await serveSatway(['demo', '--serve', '--json']);
});
afterAll(async () => {
  await shop.stop('SIGTERM');
  rmSync(home, { recursive: true, force: true });
});

const storePath = () => join(home, 'purchases.db');
const lnd = () => shop.first['lnd'] as { url: string; macaroonHex: string };
const environment = () => ({ SATWAY_HOME: home, LND_REST_HOST: lnd().url, LND_MACAROON: lnd().macaroonHex });

/** What a run says, and what others see of it in the list of processes while it runs. */
async function watchedRun(...args: string[]): Promise<string> {
  const child = startSatway(args, environment());
  const listed = process.platform === 'linux' ? readFileSync(`/proc/${child.pid}/cmdline`, 'utf8') : '';
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return [stdout, stderr, listed].join('\n');
}

/** Every secret of what was bought, in the spellings in which it travels, the wallet's macaroon, and the key. */
function secrets(): string[] {
  const store = openPurchaseStore({ path: storePath() });
  const paid = store.journal.list().map(({ purchaseId }) => store.credentials.ofPurchase(purchaseId));
  store.close();
  const bought = paid.flatMap((credential) => [credential?.macaroonText ?? '', credential?.preimageHex ?? '']);
  const preimages = bought.filter((secret) => /^[0-9a-f]{64}$/.test(secret));
  const spelled = preimages.flatMap((hex) => [
    hex.toUpperCase(),
    Buffer.from(hex, 'hex').toString('base64').slice(0, 42),
  ]);
  expect(preimages.length).toBeGreaterThan(0);
  return [...bought, ...spelled, lnd().macaroonHex, readFileSync(`${storePath()}.key`, 'utf8').trim()];
}

function filesBelow(folder: string, but: string): Buffer[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== but)
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
}

describe('a run of satway pay', () => {
  it('shows no secret in its output, in that of the commands that look at it, in the list of processes, or in a file', async () => {
    const url = String(shop.first['paidUrl']);
    const told = [
      await watchedRun('pay', url, '--json'),
      await watchedRun('pay', url.replace('lugano', 'berlin')),
      await watchedRun('pay', url, '--max-sats', '1'),
      await watchedRun('payments', '--json'),
      await watchedRun('credentials', 'list', '--json'),
      await watchedRun('budget', '--json'),
      await watchedRun('doctor', '--json'),
    ];
    expect(jsonLines(told[0]?.split('\n')[0] ?? '')).toMatchObject([{ status: 200, paidMsat: 5000 }]);
    const hidden = secrets();
    for (const secret of hidden) for (const each of told) expect(each.includes(secret)).toBe(false);
    const files = filesBelow(home, 'purchases.db.key');
    expect(files.length).toBeGreaterThan(0);
    for (const secret of hidden) for (const bytes of files) expect(bytes.includes(secret)).toBe(false);
  });

  it('says with a wrong key what is wrong, and neither that key nor the right one', async () => {
    const right = readFileSync(`${storePath()}.key`, 'utf8').trim();
    const wrong = '5b'.repeat(32);
    writeFileSync(`${storePath()}.key`, wrong);
    const { code, stdout, stderr } = await runSatway(['pay', String(shop.first['paidUrl']), '--json'], environment());
    expect([code, stdout]).toEqual([1, '']);
    expect(jsonLines(stderr)).toMatchObject([{ code: 'VAULT_KEY_WRONG', fundsMoved: 'no' }]);
    for (const secret of [right, wrong]) expect(stderr).not.toContain(secret);
    expect(readFileSync(`${storePath()}.key`, 'utf8')).toBe(wrong);
  });
});

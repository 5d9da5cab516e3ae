import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jsonLines, runSatway } from '../run-satway.js';

/** An LNbits wallet that has paid nothing yet, so that nothing tells its network. */
const ANSWERS: readonly (readonly [RegExp, number, unknown])[] = [
  [/\/wallet$/, 200, { id: 'a1b2', name: 'w', balance: 21_000 }],
  [/\/payments\/fee-reserve\?/, 200, { fee_reserve: 2000 }],
  [/\/payments\?/, 200, []],
  [/\/payments\/[0-9a-f]{64}$/, 404, { detail: 'Payment does not exist.' }],
];

let home = '';
let lnbits: Server;
let written: string[];
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'satway-home-'));
  written = [];
  lnbits = createServer((request, response) => {
    if (request.method !== 'GET') written.push(`${request.method} ${request.url}`);
    const [, status = 404, body = { detail: 'Not Found' }] =
      ANSWERS.find(([path]) => request.method === 'GET' && path.test(request.url ?? '')) ?? [];
    response.writeHead(status).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(lnbits, 'listening');
});
afterEach(() => {
  lnbits.closeAllConnections();
  lnbits.close();
  rmSync(home, { recursive: true, force: true });
});

const satway = (...args: string[]) =>
  runSatway([...args, '--json'], {
    SATWAY_HOME: home,
    LNBITS_URL: `http://127.0.0.1:${(lnbits.address() as AddressInfo).port}`,
    LNBITS_ADMIN_KEY: 'f00d'.repeat(8),
  });

describe('looking at an LNbits wallet', { timeout: 60_000 }, () => {
  it('makes no invoice in it: balance', async () => {
    const { code, stdout } = await satway('wallet', 'balance');
    expect({ code, told: jsonLines(stdout)[0] }).toMatchObject({
      code: 0,
      told: { kind: 'lnbits', network: null, spendableMsat: 21_000 },
    });
    expect(written).toEqual([]);
  });

  it.each([
    ['look-up', ['wallet', 'look-up', 'ab'.repeat(32)]],
    ['inspect', ['wallet', 'inspect']],
    ['doctor', ['doctor']],
  ])('makes no invoice in it: %s', async (_what, args) => {
    const { stdout } = await satway(...args);
    expect(stdout).not.toBe('');
    expect(written).toEqual([]);
  });
});

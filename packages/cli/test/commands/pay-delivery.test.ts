import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createEgress } from '@satway/egress';
import type { SandboxBooks } from '@satway/wallets/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, jsonLines, runSatway, type Serving, serveSatway, startSatway } from '../run-satway.js';

let home = '';
let shop: Serving;
const egress = createEgress({ allowHosts: ['127.0.0.1'] });

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'satway-home-'));
  shop = await serveSatway(['demo', '--serve', '--json']);
});

afterAll(async () => {
  await shop.stop('SIGTERM');
  await egress.close();
  rmSync(home, { recursive: true, force: true });
});

const lnd = () => shop.first['lnd'] as { url: string; macaroonHex: string };
const wallet = () => ({ SATWAY_HOME: home, LND_REST_HOST: lnd().url, LND_MACAROON: lnd().macaroonHex });
const urlOf = (city: string): string => String(shop.first['paidUrl']).replace('lugano', city);

/** How many payments of the buyer's settled, by the network's own books. */
async function settledPayments(): Promise<number> {
  const answer = await egress.exchange({
    method: 'GET',
    url: `${lnd().url}/sandbox/v1/books`,
    deadlineMs: 10_000,
    maxBodyBytes: 10_000_000,
  });
  const books = JSON.parse(await answer.text()) as SandboxBooks;
  const buyer = books.nodes.find(({ name }) => name === 'buyer');
  return buyer?.payments.filter(({ state }) => state === 'SUCCEEDED').length ?? -1;
}

describe('satway pay', () => {
  it('pays nothing when the answer could not be written anyway', async () => {
    const before = await settledPayments();
    const { code, stderr } = await runSatway(
      ['pay', urlOf('berlin'), '-o', join(home, 'missing', 'out.json'), '--json'],
      wallet(),
    );
    expect(code).toBe(2);
    expect(jsonLines(stderr)[0]).toMatchObject({ code: 'CLI_USAGE', fundsMoved: 'no' });
    expect(await settledPayments()).toBe(before);
  });

  it('says that it was paid when the answer cannot be delivered, and the next run gets it without another payment', async () => {
    const before = await settledPayments();
    const full = await runSatway(['pay', urlOf('prague'), '-o', '/dev/full', '--json'], wallet());
    expect(full.code).toBe(8);
    expect(jsonLines(full.stderr)[0]).toMatchObject({
      code: 'ANSWER_NOT_DELIVERED',
      fundsMoved: 'yes',
      paidMsat: 5000,
    });
    const file = join(home, 'prague.json');
    const again = await runSatway(['pay', urlOf('prague'), '-o', file, '--json'], wallet());
    expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 0, stderr: '' });
    expect(jsonLines(again.stdout)[0]).toMatchObject({ status: 200, paidMsat: 0, source: 'recovered' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ city: 'Prague' });
    expect(await settledPayments()).toBe(before + 1);
  });

  it('has not delivered what it wrote as JSON to a full disk or a closed pipe either', async () => {
    for (const [city, target] of [
      ['berlin', '> /dev/full'],
      ['san-salvador', '| true'],
    ] as const) {
      const before = await settledPayments();
      const command = `${JSON.stringify(process.execPath)} ${JSON.stringify(BIN)} pay ${urlOf(city)} --json ${target}`;
      const shell = spawn('bash', ['-c', `set -o pipefail; ${command}`], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...wallet() },
      });
      shell.stdout.resume();
      const said = text(shell.stderr);
      expect(await once(shell, 'close')).toEqual([8, null]);
      expect(jsonLines(await said)[0]).toMatchObject({ code: 'ANSWER_NOT_DELIVERED', fundsMoved: 'yes' });
      const again = await runSatway(['pay', urlOf(city), '--json'], wallet());
      expect(jsonLines(again.stdout)[0]).toMatchObject({ status: 200, paidMsat: 0, source: 'recovered' });
      expect(await settledPayments()).toBe(before + 1);
    }
  });

  it('buys anew once the answer was delivered', async () => {
    const before = await settledPayments();
    for (const _run of [1, 2]) expect((await runSatway(['pay', urlOf('tokyo')], wallet())).stdout).toContain('Tokyo');
    expect(await settledPayments()).toBe(before + 2);
  });

  it('pays once for one answer, wherever it is killed on its way', async () => {
    const before = await settledPayments();
    let delivered = 0;
    for (let killAfterMs = 250; delivered === 0; killAfterMs += 75) {
      const child = startSatway(['pay', urlOf('lagos')], wallet());
      let stdout = '';
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      const killer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      await once(child, 'close');
      clearTimeout(killer);
      if (stdout.includes('"city":"Lagos"')) delivered += 1;
    }
    expect(await settledPayments()).toBe(before + 1);
  });
});

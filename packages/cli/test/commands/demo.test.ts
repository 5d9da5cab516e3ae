import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jsonLines, runSatway, type Serving, serveSatway, startSatway } from '../run-satway.js';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'satway-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('satway demo', () => {
  it('buys once, tells each step as a JSON line, ends with what it cost and exit code 0', async () => {
    const { code, stdout, stderr } = await runSatway(['demo', '--json']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const events = jsonLines(stdout);
    expect(events.at(-1)).toEqual({ event: 'done', status: 200, paidMsat: 5000, feeMsat: 0 });
    expect(events.map(({ event }) => event)).toEqual(
      expect.arrayContaining([
        'started',
        'free_call',
        'asked',
        'challenged',
        'reserved',
        'paying',
        'paid',
        'redeeming',
        'redeemed',
      ]),
    );
  });

  it('tells people a story with the price, the invoice and the answer in it, over https too', async () => {
    const { code, stdout } = await runSatway(['demo', '--tls'], { NO_COLOR: '1' });
    expect(code).toBe(0);
    expect(stdout).toContain('402 Payment Required');
    expect(stdout).toContain('lnbcrt50n1');
    expect(stdout).toContain('"city":"Lugano"');
    expect(stdout).toContain('X-Payment-Outcome: charged');
    expect(stdout).toContain('5 sats and 0 sats in fees; 95 sats of the budget are left');
  });

  it('tells no secret: neither macaroon nor preimage', async () => {
    const { stdout } = await runSatway(['demo', '--json']);
    expect(stdout).not.toMatch(/AgEG|0201[0-9a-f]{40}/);
    expect(stdout).not.toMatch(/preimage"/i);
  });
});

describe('satway demo --serve', () => {
  let shop: Serving;
  const wallet = (): Record<string, string> => {
    const lnd = shop.first['lnd'] as { url: string; macaroonHex: string; tlsCertPath: string | null };
    return {
      SATWAY_HOME: home,
      LND_REST_HOST: lnd.url,
      LND_MACAROON: lnd.macaroonHex,
      ...(lnd.tlsCertPath === null ? {} : { LND_TLS_CERT: lnd.tlsCertPath }),
    };
  };

  it.each([
    ['SIGINT', []],
    ['SIGTERM', ['--tls']],
  ] as const)('stays open for "satway pay" until %s, and ends with 0', async (signal, more) => {
    shop = await serveSatway(['demo', '--serve', '--json', '--port', '0', ...more]);
    const { event, paidUrl, freeUrl, priceMsat } = shop.first;
    expect({ event, priceMsat }).toEqual({ event: 'ready', priceMsat: 5000 });
    const free = await runSatway(['pay', String(freeUrl), '--json'], wallet());
    expect(jsonLines(free.stdout)[0]).toMatchObject({ event: 'done', status: 200, paidMsat: 0 });
    const paid = await runSatway(['pay', String(paidUrl), '--json', '--max-sats', '10'], wallet());
    expect({ code: paid.code, stderr: paid.stderr }).toEqual({ code: 0, stderr: '' });
    expect(jsonLines(paid.stdout)[0]).toMatchObject({
      event: 'done',
      status: 200,
      paidMsat: 5000,
      feeMsat: 0,
      source: 'bought',
    });
    expect(await shop.stop(signal)).toBe(0);
  });

  it('shows what it costs without paying, and pays nothing that is too expensive', async () => {
    shop = await serveSatway(['demo', '--serve', '--json']);
    const paidUrl = String(shop.first['paidUrl']);
    const preview = await runSatway(['pay', paidUrl, '--dry-run', '--json']);
    expect(preview.code).toBe(0);
    expect(jsonLines(preview.stdout)[0]).toMatchObject({
      event: 'preview',
      status: 402,
      amountMsat: '5000',
      network: 'regtest',
    });
    const tooDear = await runSatway(['pay', paidUrl, '--max-sats', '4', '--json'], wallet());
    expect(tooDear).toMatchObject({ code: 3, stdout: '' });
    expect(jsonLines(tooDear.stderr)[0]).toMatchObject({ code: 'PRICE_ABOVE_LIMIT', fundsMoved: 'no' });
    await shop.stop('SIGTERM');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends with 0 and leaves nothing behind at a %s while it opens',
    async (signal) => {
      const demo = startSatway(['demo', '--serve', '--json', '--port', '0'], { TMPDIR: home });
      const said: Buffer[] = [];
      demo.stdout.on('data', (chunk: Buffer) => said.push(chunk));
      demo.stderr.resume();
      // Its folder is the first thing that it makes.
      while (readdirSync(home).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      demo.kill(signal);
      expect(await once(demo, 'exit')).toEqual([0, null]);
      expect([said, readdirSync(home)]).toEqual([[], []]);
    },
  );

  it('leaves nothing behind when a signal ends the story', async () => {
    const demo = startSatway(['demo', '--json'], { TMPDIR: home });
    demo.stderr.resume();
    await once(createInterface({ input: demo.stdout }), 'line');
    expect(readdirSync(home)).toEqual([expect.stringMatching(/^satway-demo-/)]);
    demo.kill('SIGTERM');
    expect(await once(demo, 'exit')).toEqual([null, 'SIGTERM']);
    expect(readdirSync(home)).toEqual([]);
  });
});

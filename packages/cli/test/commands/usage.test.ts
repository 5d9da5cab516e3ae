import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jsonLines, runSatway, startSatway } from '../run-satway.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const noWallet = { LND_REST_HOST: '', LND_MACAROON: '' };

describe('satway', () => {
  it.each([
    [['--help']],
    [['pay', '--help']],
    [['gateway', '--help']],
    [['demo', '--help']],
    [['sandbox', '--help']],
    [['keys', '--help']],
    [['doctor', '--help']],
  ])('helps: %j', async (args) => {
    const { code, stdout } = await runSatway(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: satway/);
  });

  it.each([
    [['nonsense']],
    [['pay']],
    [['pay', 'http://127.0.0.1:1/', '--max-sats', '-1']],
    [['pay', 'http://127.0.0.1:1/', '--max-sats', '1.5']],
    [['demo', '--port', '70000']],
  ])('ends with 2 when it is called wrongly: %j', async (args) => {
    const { code, stdout, stderr } = await runSatway(args, noWallet);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: /);
  });

  it.each([
    [['nonsense'], 'nonsense'],
    [['pay'], 'url'],
    [['wallet'], 'command'],
    [['gateway', '--confg', 'x'], '--confg'],
    [['pay', 'http://127.0.0.1:1/', '--max-sats', '1.5'], '--max-sats'],
    [['demo', '--wallet', 'shell'], 'Allowed choices'],
    [[], 'command'],
  ])('with --json, says so in one JSON object on stderr: %j', async (args, word) => {
    const { code, stdout, stderr } = await runSatway([...args, '--json'], noWallet);
    expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({ code: 2, stdout: '', lines: 1 });
    expect(jsonLines(stderr)[0]).toMatchObject({ code: 'CLI_USAGE', fundsMoved: 'no', nextStep: expect.any(String) });
    expect(jsonLines(stderr)[0]?.['message']).toContain(word);
  });

  it('names the variable that is missing when it has no wallet', async () => {
    const { code, stderr } = await runSatway(['pay', 'http://127.0.0.1:1/', '--json'], {
      ...noWallet,
      SATWAY_HOME: folder,
    });
    expect(code).toBe(2);
    expect(jsonLines(stderr)[0]).toMatchObject({ code: 'WALLET_NOT_CONFIGURED', fundsMoved: 'no' });
    expect(stderr).toContain('LND_REST_HOST');
  });

  it.each([
    [['sandbox', '--folder'], 1, 'SYSTEM_REFUSED'],
    [['gateway', 'init'], 1, 'SYSTEM_REFUSED'],
    [['pay', 'http://127.0.0.1:1/', '-o', '/nowhere/answer', '--store'], 2, 'CLI_USAGE'],
    [['pay', 'http://127.0.0.1:1/'], 2, 'CLI_USAGE'],
  ])('says what is in the way where a file is in place of a folder: %j', async (args, exitCode, expected) => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const ofHome = args.length === 2 && args[0] === 'pay';
    const { code, stderr } = await runSatway([...args, ...(ofHome ? [] : [file]), '--json'], {
      ...noWallet,
      SATWAY_HOME: file,
    });
    expect(code).toBe(exitCode);
    expect(jsonLines(stderr)).toMatchObject([{ code: expected, fundsMoved: 'no' }]);
    if (expected === 'SYSTEM_REFUSED' || ofHome) expect(stderr).toContain(file);
  });

  it('ends with 6 when nobody answers', async () => {
    const { code, stderr } = await runSatway(['pay', 'http://127.0.0.1:1/', '--dry-run', '--json']);
    expect(code).toBe(6);
    expect(jsonLines(stderr)[0]).toMatchObject({ code: 'EGRESS_UNREACHABLE', fundsMoved: 'no' });
  });
});

describe('satway gateway init and satway keys', () => {
  it('write a configuration that only lacks the wallet, and keys for their owner alone; never over what is there', async () => {
    const shop = join(folder, 'shop');
    expect((await runSatway(['gateway', 'init', shop])).code).toBe(0);
    expect(statSync(join(shop, 'keys.json')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(shop, 'satway.yaml'), 'utf8')).toMatch(/id: [0-9a-f]{8}-/);
    const again = await runSatway(['gateway', 'init', shop, '--json']);
    expect(again.code).not.toBe(0);
    expect(jsonLines(again.stderr)[0]).toMatchObject({ code: 'GATEWAY_FILES_EXIST' });
  });

  it('add a key that signs from now on, and show no secret', async () => {
    await runSatway(['gateway', 'init', folder]);
    const file = join(folder, 'keys.json');
    const added = jsonLines((await runSatway(['keys', 'new', '--file', file, '--json'])).stdout)[0];
    const listed = await runSatway(['keys', 'list', '--file', file, '--json']);
    const keys = jsonLines(listed.stdout);
    expect(keys).toHaveLength(2);
    expect(keys.filter(({ signs }) => signs === true).map(({ id }) => id)).toEqual([added?.['id']]);
    const secrets = (JSON.parse(readFileSync(file, 'utf8')) as { keys: { secret: string }[] }).keys.map(
      ({ secret }) => secret,
    );
    for (const secret of secrets) expect(listed.stdout).not.toContain(secret);
  });

  it('lists all mistakes of a configuration at once, by line and column, and ends with 2', async () => {
    await runSatway(['gateway', 'init', folder]);
    const file = join(folder, 'satway.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace('priceSats: 5', 'priceSats: 1.5').replace('id: tile', 'id: Tile!').replace('origin:', 'orign:'),
    );
    const { code, stderr } = await runSatway(['gateway', '--config', file, '--check']);
    expect(code).toBe(2);
    for (const part of ['orign', 'endpoints[0].priceSats', 'endpoints[1].id']) expect(stderr).toContain(part);
    expect(stderr).toMatch(/\d+:\d+ /);
  });
});

describe('satway, read by a program that has enough', () => {
  it.each([['stdout'], ['stderr']] as const)(
    'goes on to its end and its exit code when %s is closed',
    async (stream) => {
      const satway = startSatway(stream === 'stdout' ? ['--help'] : []);
      satway[stream].destroy();
      const [code] = (await once(satway, 'exit')) as [number | null];
      expect(code).toBe(stream === 'stdout' ? 0 : 2);
    },
  );
});

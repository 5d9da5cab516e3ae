import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { addMasterKey, createKeyFile } from '@satway/gateway';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSatway } from '../run-satway.js';

const SHOP = (endpoints: string, more = ''): string => `version: 1
tenant: {id: 6f1d3c52-8a3b-4c1e-9d2f-0a1b2c3d4e5f, slug: acme}
origin: http://127.0.0.1:1
listen: {port: 0}
keys: ./keys.json
store: {kind: memory}
wallet: {kind: lnd, url: http://127.0.0.1:1, macaroonEnv: MACAROON}
endpoints: [${endpoints}]
${more}`;
const OLD = '{id: old, method: GET, path: /old, priceSats: 5}';
const NEW = '{id: new, method: GET, path: /new, priceSats: 5}';

interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

let folder = '';
let child: ReturnType<typeof startSatway>;
let url = '';
let log: LogLine[];
let onLine: () => void;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'satway-reload-'));
  await createKeyFile(join(folder, 'keys.json'));
  await write(SHOP(OLD));
  child = startSatway(['gateway', '--config', join(folder, 'satway.yaml'), '--json'], { MACAROON: '02010203' });
  log = [];
  onLine = () => undefined;
  createInterface({ input: child.stderr }).on('line', (line) => {
    log.push(JSON.parse(line) as LogLine);
    onLine();
  });
  const [ready] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  ({ url } = JSON.parse(ready) as { url: string });
});
afterEach(async () => {
  if (child.exitCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});

const write = (text: string): Promise<void> => writeFile(join(folder, 'satway.yaml'), text);
const statusOf = async (path: string): Promise<number> => (await fetch(url + path)).status;

/** The first line of the log with these words that comes after this call. */
function logged(words: string): Promise<LogLine> {
  const from = log.length;
  return new Promise((resolve) => {
    onLine = () => {
      const line = log.slice(from).find(({ msg }) => msg.includes(words));
      if (line !== undefined) resolve(line);
    };
  });
}

async function hangUp(words: string): Promise<LogLine> {
  const line = logged(words);
  child.kill('SIGHUP');
  return line;
}

describe('satway gateway at SIGHUP', () => {
  it('offers what the file says now, and takes over a new key', async () => {
    expect([await statusOf('/old'), await statusOf('/new')]).toEqual([503, 404]);
    await write(SHOP(`${NEW}, {id: ping, method: GET, path: /old, free: true}`));
    expect(await hangUp('was read again')).toMatchObject({ added: ['new', 'ping'], changed: [], removed: ['old'] });
    // The origin is not there: a free call is tried, a paid one finds no wallet.
    expect([await statusOf('/old'), await statusOf('/new')]).toEqual([502, 503]);
    const keysRead = logged('keys were read again');
    await addMasterKey(join(folder, 'keys.json'));
    child.kill('SIGHUP');
    expect((await keysRead)['keyIds']).toHaveLength(2);
  });

  it('refuses a file with mistakes as a whole, names them, and goes on with the old one', async () => {
    await write(SHOP(`${NEW}, {id: bad, method: GET, path: /bad, priceSats: 0}`));
    const refused = await hangUp('cannot be used');
    expect(refused.level).toBe('error');
    expect(refused['detail']).toContain('8:109 endpoints[1].priceSats must be at least 1');
    expect([await statusOf('/old'), await statusOf('/new')]).toEqual([503, 404]);
    await rm(join(folder, 'satway.yaml'));
    await hangUp('cannot be used');
    expect(await statusOf('/old')).toBe(503);
    await write(SHOP(NEW));
    await hangUp('was read again');
    expect([await statusOf('/old'), await statusOf('/new')]).toEqual([404, 503]);
  });

  it('logs nothing of a secret that YAML takes for a reference', async () => {
    await write(SHOP(NEW).replace('macaroonEnv: MACAROON', 'macaroon: *Zx9hunter2Secret'));
    const refused = await hangUp('cannot be used');
    expect(refused['detail']).toContain('7:56 (file) a reference (*name) to nothing');
    expect(JSON.stringify(log)).not.toContain('hunter2');
    expect([await statusOf('/old'), await statusOf('/new')]).toEqual([503, 404]);
  });

  it('names what waits for a restart', async () => {
    await write(SHOP(NEW, 'limits: {requestBodyBytes: 5}\nlog: {level: info}').replace('port: 0', 'port: 1'));
    const warned = await hangUp('holds only after a restart');
    expect(warned).toMatchObject({ level: 'warn', keys: ['listen', 'limits'] });
    expect(await statusOf('/new')).toBe(503);
  });

  it('still ends at SIGTERM, with 0', async () => {
    await hangUp('was read again');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

describe('satway gateway at SIGHUP before it is ready', () => {
  it('reads its file again as soon as it takes requests', async () => {
    const asked = createServer().listen(0, '127.0.0.1');
    await once(asked, 'listening');
    const wallet = `http://127.0.0.1:${(asked.address() as AddressInfo).port}`;
    await write(
      SHOP(OLD).replace('wallet: {kind: lnd, url: http://127.0.0.1:1', `wallet: {kind: lnd, url: "${wallet}"`),
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    child = startSatway(['gateway', '--config', join(folder, 'satway.yaml'), '--json'], {
      MACAROON: '02010203',
    });
    const again = new Promise<LogLine>((resolve) => {
      createInterface({ input: child.stderr }).on('line', (line) => {
        const said = JSON.parse(line) as LogLine;
        if (said.msg.includes('was read again')) resolve(said);
      });
    });
    // It asks its wallet while it starts.
    const [socket] = (await once(asked, 'connection')) as [Socket];
    await write(SHOP(NEW));
    child.kill('SIGHUP');
    asked.on('connection', (next: Socket) => next.destroy());
    socket.destroy();
    expect(await again).toMatchObject({ added: ['new'], removed: ['old'] });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    asked.close();
  });
});

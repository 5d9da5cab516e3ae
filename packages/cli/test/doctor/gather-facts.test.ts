import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gatherFacts } from '../../src/doctor/facts/index.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-gather-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const environment = () => ({ SATWAY_HOME: join(folder, 'home') });

describe('the facts of a set-up', { timeout: 60_000 }, () => {
  it('hold what the reading of the wallet warned of', async () => {
    const password = write('pass word', 'hunter2hunter2', 0o666);
    const walletFile = write('wallet.yaml', 'kind: phoenixd\nurl: http://127.0.0.1:1\npasswordFile: pass word\n');
    const { walletWarnings, files } = await gatherFacts({ walletFile }, environment(), folder);
    expect(walletWarnings).toEqual([expect.stringContaining(password)]);
    expect(files).toMatchObject({
      known: true,
      value: [
        { path: walletFile, isSecret: false },
        { path: password, isSecret: true, mode: 0o666 },
      ],
    });
  });

  it('hold the configuration that lies in the working folder, and what it names, on the buying side too', async () => {
    const config = write('satway.yaml', 'keys: my keys.json\nwallet: {kind: phoenixd, password: hunter2hunter2}\n');
    const keys = write('my keys.json', '{}', 0o644);
    const facts = await gatherFacts({ role: 'pay' }, { ...environment(), NWC_URI: 'none' }, folder);
    expect(facts.plainSecrets).toMatchObject({ value: [{ file: config, line: 2, name: 'password' }] });
    expect(facts.files).toMatchObject({
      value: [
        { path: config, isSecret: true },
        { path: keys, mode: 0o644 },
      ],
    });
  });

  it('name every file that could not be looked through', async () => {
    const config = write('cfg.yaml', 'keys: [');
    const walletFile = join(folder, 'gone.yaml');
    const { unread } = await gatherFacts({ config, walletFile, role: 'pay' }, environment(), folder);
    expect(unread.map(({ path }) => path)).toEqual([config, walletFile]);
  });

  it('name what points to a file by a variable that is not set', async () => {
    const walletFile = write('wallet.yaml', 'kind: lnd\nurl: http://127.0.0.1:1\nmacaroonFile: ${NOPE}/pay.macaroon\n');
    const { unfilled, files } = await gatherFacts({ walletFile }, environment(), folder);
    expect(unfilled).toEqual([{ path: walletFile, why: expect.stringContaining('(macaroonFile)') }]);
    expect(files).toMatchObject({ value: [{ path: walletFile }] });
  });

  it('hold the .env of the working folder, of the configuration’s, and of the wallet file’s', async () => {
    for (const name of ['work', 'cfg', 'wallet']) {
      mkdirSync(join(folder, name));
      write(`${name}/.env`, 'X=1');
    }
    const options = { config: join(folder, 'cfg', 'satway.yaml'), walletFile: join(folder, 'wallet', 'w.yaml') };
    const { dotenv } = await gatherFacts(options, environment(), join(folder, 'work'));
    expect(dotenv).toMatchObject({
      value: [{ path: '.env' }, { path: join('..', 'cfg', '.env') }, { path: join('..', 'wallet', '.env') }],
    });
  });
});

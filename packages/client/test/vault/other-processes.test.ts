import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryStore, temporaryStorePath } from '../temporary-store.js';

const PROGRAM = fileURLToPath(new URL('../processes/store-opener.mjs', import.meta.url));

async function open(path: string, keychain: string): Promise<{ code: string | null; warnings: string[] }> {
  // Whatever session this machine has is out of reach: no keychain of a person's is asked.
  const env = { ...process.env, SATWAY_KEYCHAIN: keychain, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' };
  const child = fork(PROGRAM, [path], { env, execArgv: ['--expose-gc', '--no-warnings'] });
  const [told] = (await once(child, 'message')) as [{ code: string | null; warnings: string[] }];
  await once(child, 'close');
  return told;
}

describe('a program that opens a store', () => {
  it('and has the wrong key leaves file, log and key as they are, also after it ended', async () => {
    const path = temporaryStorePath();
    // As a program leaves it that was killed: the last writes are in the log.
    const { path: living } = temporaryStore();
    mkdirSync(dirname(path), { mode: 0o700 });
    const files = ['', '-wal'].map((end) => ({ from: living + end, to: path + end }));
    for (const { from, to } of files) copyFileSync(from, to);
    writeFileSync(`${path}.key`, '00'.repeat(32), { mode: 0o600 });
    const digests = () =>
      ['', '-wal', '.key'].map((end) =>
        createHash('sha256')
          .update(readFileSync(path + end))
          .digest('hex'),
      );
    const before = digests();
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
    expect(await open(path, 'off')).toEqual({ code: 'VAULT_KEY_WRONG', warnings: [] });
    expect(digests()).toEqual(before);
  });

  // On other systems the keychain is no service that can be put out of reach, and a test must not touch a person's.
  it.each(['linux'].filter((system) => system === process.platform))(
    'without a session (%s) keeps its key in a file, says so once, and never in the keyring of the kernel, which forgets',
    async () => {
      const path = temporaryStorePath();
      expect(await open(path, 'on')).toMatchObject({ code: 'VAULT_KEYCHAIN_UNAVAILABLE' });
      expect(existsSync(`${path}.key`)).toBe(false);
      expect(await open(path, 'auto')).toEqual({ code: null, warnings: [expect.stringContaining(`${path}.key`)] });
      expect(readFileSync(`${path}.key`, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
      expect(await open(path, 'auto')).toEqual({ code: null, warnings: [] });
    },
  );
});

import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathsInEnvironment, statSecrets } from '../../src/doctor/facts/file-facts.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text = 'x', mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
  return path;
}

describe('files with secrets', () => {
  it('are found through variables that hold a path, and a variable that holds the secret is none', () => {
    const macaroon = write('pay.macaroon');
    expect(pathsInEnvironment({ LND_MACAROON: macaroon })).toEqual([
      { path: macaroon, what: 'LND_MACAROON', isSecret: true },
    ]);
    expect(pathsInEnvironment({ NWC_URI_FILE: macaroon })).toEqual([
      { path: macaroon, what: 'NWC_URI_FILE', isSecret: true },
    ]);
    expect(pathsInEnvironment({ LND_MACAROON: '0201036c6e64', PHOENIXD_PASSWORD: 'x'.repeat(5000) })).toEqual([]);
  });

  it('are told from those of which only the change matters: certificates, and files with an address', () => {
    const file = write('tls.cert');
    const facts = pathsInEnvironment({ LND_TLS_CERT: file, PHOENIXD_URL_FILE: file });
    expect(facts.map(({ what, isSecret }) => [what, isSecret])).toEqual([
      ['LND_TLS_CERT', false],
      ['PHOENIXD_URL_FILE', false],
    ]);
  });

  it('are told with their rights, once each, and those that are not there are left out', () => {
    const open = write('open', 'x', 0o644);
    const facts = statSecrets([
      { path: open, what: 'a', isSecret: true },
      { path: join(folder, '.', 'open'), what: 'b', isSecret: true },
      { path: join(folder, 'gone'), what: 'c', isSecret: true },
      { path: folder, what: 'd', isSecret: true },
    ]);
    expect(facts.map(({ mode, isFolder, ownedByUs }) => ({ mode, isFolder, ownedByUs }))).toEqual([
      { mode: 0o644, isFolder: false, ownedByUs: true },
      { mode: 0o700, isFolder: true, ownedByUs: true },
    ]);
  });

  it('count as secret where they hold a secret for one of those that name them', () => {
    const file = write('both');
    const asked = [false, true, false].map((isSecret) => ({ path: file, what: String(isSecret), isSecret }));
    expect(statSecrets(asked)).toMatchObject([{ what: 'true', isSecret: true }]);
  });

  it('are told also where one of them cannot be looked at', () => {
    symlinkSync('loop', join(folder, 'loop'));
    const open = write('open', 'x', 0o666);
    const asked = [join(folder, 'loop'), open].map((path) => ({ path, what: 'key', isSecret: true }));
    expect(statSecrets(asked).map(({ path, mode }) => [path, mode])).toEqual([
      [join(folder, 'loop'), null],
      [open, 0o666],
    ]);
  });
});

import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openCredentialFolder } from '../../src/calls/index.js';

const DAY_MS = 24 * 3_600_000;

function newFolder(nowMs = Date.now) {
  const home = mkdtempSync(join(tmpdir(), 'satway-credentials-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const folder = join(home, 'credentials');
  return { home, folder, credentials: openCredentialFolder({ folder, nowMs }) };
}

describe('the folder of credentials', () => {
  it('keeps a token in a file for its owner alone, and finds it again by its id', () => {
    const { folder, credentials } = newFolder();
    const { credentialId, file } = credentials.keep('token-1');
    expect(readFileSync(file, 'utf8')).toBe('token-1\n');
    expect([lstatSync(folder).mode & 0o777, lstatSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
    expect(openCredentialFolder({ folder, nowMs: Date.now }).read(credentialId)).toBe('token-1');
  });

  it.each(['', 'cred_', '../purchases.db', `cred_${'0'.repeat(36)}`, `cred_../${'0'.repeat(33)}`, '__proto__'])(
    'knows nobody under the name %j',
    (name) => {
      const { credentials } = newFolder();
      expect(() => credentials.read(name)).toThrow(expect.objectContaining({ code: 'MCP_CREDENTIAL_UNKNOWN' }));
    },
  );

  it('says before anything is paid that it has no place', () => {
    const { home, folder, credentials } = newFolder();
    mkdirSync(join(home, 'elsewhere'));
    symlinkSync(join(home, 'elsewhere'), folder);
    expect(() => credentials.prepare()).toThrow(
      expect.objectContaining({ code: 'MCP_PLACE_UNUSABLE', fundsMoved: 'no' }),
    );
    expect(() => credentials.keep('token')).toThrow(
      expect.objectContaining({ code: 'MCP_NOT_KEPT', fundsMoved: 'yes' }),
    );
    expect(readdirSync(join(home, 'elsewhere'))).toEqual([]);
    rmSync(folder);
    credentials.prepare();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('forgets after 90 days, and nothing that is not its own', () => {
    const { folder, credentials } = newFolder();
    mkdirSync(folder);
    for (const [name, days] of [
      ['old.token', 91],
      ['young.token', 89],
      ['notes.txt', 200],
    ] as const) {
      writeFileSync(join(folder, name), 'x');
      const atSeconds = (Date.now() - days * DAY_MS) / 1000;
      utimesSync(join(folder, name), atSeconds, atSeconds);
    }
    credentials.prepare();
    expect(['old.token', 'young.token', 'notes.txt'].filter((name) => existsSync(join(folder, name)))).toEqual([
      'young.token',
      'notes.txt',
    ]);
  });
});

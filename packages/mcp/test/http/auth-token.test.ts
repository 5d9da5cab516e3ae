import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOrMakeAuthToken } from '../../src/http/index.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'satway-token-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('the token of the HTTP transport', () => {
  it('is made once, of 256 random bits, in a file of its owner alone', () => {
    const made = readOrMakeAuthToken({ home, given: null });
    expect(made.token).toMatch(/^[\w-]{43}$/);
    expect(made.file).toBe(join(home, 'mcp-token'));
    expect(statSync(made.file ?? '').mode & 0o777).toBe(0o600);
    expect(readOrMakeAuthToken({ home, given: null })).toEqual(made);
    expect(readdirSync(home)).toEqual(['mcp-token']);
  });

  it('is another one in another home, in a folder that is made for its owner alone', () => {
    const other = join(home, 'new');
    expect(readOrMakeAuthToken({ home: other, given: null }).token).not.toBe(
      readOrMakeAuthToken({ home, given: null }).token,
    );
    expect(statSync(other).mode & 0o777).toBe(0o700);
  });

  it('is the one that was given, which is written nowhere', () => {
    const given = 'given-by-whoever-started-the-server-0123';
    expect(readOrMakeAuthToken({ home, given })).toEqual({ token: given, file: null });
    expect(readdirSync(home)).toEqual([]);
  });

  it('is not read from a file that others can read, nor from one that holds none; both stay as they are', () => {
    const file = join(home, 'mcp-token');
    writeFileSync(file, 'x'.repeat(40), { mode: 0o600 });
    chmodSync(file, 0o640);
    const unsafe = expect.objectContaining({ code: 'MCP_TOKEN_FILE_UNSAFE' });
    expect(() => readOrMakeAuthToken({ home, given: null })).toThrow(unsafe);
    expect(readFileSync(file, 'utf8')).toBe('x'.repeat(40));
    chmodSync(file, 0o600);
    for (const held of ['', 'short', `${'x'.repeat(40)} y`]) {
      writeFileSync(file, held);
      expect(() => readOrMakeAuthToken({ home, given: null })).toThrow(unsafe);
      expect(readFileSync(file, 'utf8')).toBe(held);
    }
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { acquireProcessLock, isProcessLockHeld } from '@satway/base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-lock-'));
  path = join(folder, 'owner.lock');
});

afterEach(() => rmSync(folder, { recursive: true }));

const HOLDER = `
  const Database = require('libsql');
  new Database(process.argv[1]).exec('BEGIN EXCLUSIVE');
  console.log('held');
  setInterval(() => {}, 1000);
`;

async function startHolder(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', HOLDER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(createInterface({ input: child.stdout }), 'line');
  return child;
}

describe('the process lock', () => {
  it('is held by one at a time, in the same process too', () => {
    const lock = acquireProcessLock(path);
    expect(() => acquireProcessLock(path)).toThrow(expect.objectContaining({ code: 'PROCESS_LOCK_HELD' }));
    expect(isProcessLockHeld(path)).toBe(true);
    lock.release();
    lock.release();
    expect(isProcessLockHeld(path)).toBe(false);
    acquireProcessLock(path).release();
  });

  it('is not lost by asking whether it is held', () => {
    const lock = acquireProcessLock(path);
    isProcessLockHeld(path);
    isProcessLockHeld(path);
    expect(isProcessLockHeld(path)).toBe(true);
    lock.release();
  });

  it('shuts other processes out while its holder lives, and is free the moment it is killed', async () => {
    const holder = await startHolder();
    expect(isProcessLockHeld(path)).toBe(true);
    expect(() => acquireProcessLock(path)).toThrow(expect.objectContaining({ code: 'PROCESS_LOCK_HELD' }));
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    acquireProcessLock(path).release();
  });

  it('fails clearly where the folder is missing or the file is something else', () => {
    expect(() => acquireProcessLock(join(folder, 'missing', 'owner.lock'))).toThrow(
      expect.objectContaining({ code: 'PROCESS_LOCK_FAILED' }),
    );
    writeFileSync(path, 'this is some other file, long enough to have a header of its own\n'.repeat(20));
    expect(() => isProcessLockHeld(path)).toThrow(expect.objectContaining({ code: 'PROCESS_LOCK_FAILED' }));
  });
});

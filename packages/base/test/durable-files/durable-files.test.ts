import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createFileDurably, makeFolderDurably, replaceFileDurably } from '../../src/index.js';

const built = new URL('../../dist/index.js', import.meta.url).href;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-durable-'));
  const mine = folder;
  onTestFinished(() => rmSync(mine, { recursive: true, force: true }));
});

/** Runs a step in this many processes at once; gives their exit codes. */
async function inProcesses(count: number, step: string): Promise<(number | null)[]> {
  const code = `import { createFileDurably, replaceFileDurably } from ${JSON.stringify(built)};\n${step}`;
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' }),
  );
  const ends = await Promise.all(children.map((child) => once(child, 'exit')));
  return ends.map(([exitCode]) => exitCode as number | null);
}

describe('a file that is written durably', () => {
  it('replaces what was there, for its owner only, and leaves nothing beside it', () => {
    const file = join(folder, 'record');
    writeFileSync(file, 'old', { mode: 0o644 });
    replaceFileDurably(file, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['record']);
  });

  it('is as it was where it cannot be replaced', () => {
    const file = join(folder, 'record');
    writeFileSync(file, 'old');
    expect(() => replaceFileDurably(join(file, 'below'), 'new')).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
    expect(readFileSync(file, 'utf8')).toBe('old');
  });

  it('is created once: the second finds the first, whole', () => {
    const file = join(folder, 'key');
    createFileDurably(file, 'first');
    expect(() => createFileDurably(file, 'second')).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(readFileSync(file, 'utf8')).toBe('first');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['key']);
  });

  it('is created by exactly one of several processes', async () => {
    const file = JSON.stringify(join(folder, 'key'));
    const codes = await inProcesses(6, `createFileDurably(${file}, String(process.pid))`);
    expect(codes.filter((code) => code === 0)).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['key']);
  });

  it('is never seen half while others replace it', async () => {
    const file = join(folder, 'record');
    const text = 'x'.repeat(200_000);
    replaceFileDurably(file, text);
    const writing = inProcesses(
      2,
      `for (let n = 0; n < 60; n += 1) replaceFileDurably(${JSON.stringify(file)}, 'x'.repeat(200000));`,
    );
    const seen = new Set<string>();
    const state = { over: false };
    void writing.then(() => (state.over = true));
    while (!state.over) {
      seen.add(readFileSync(file, 'utf8'));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await writing).toEqual([0, 0]);
    expect([...seen]).toEqual([text]);
    expect(readdirSync(folder)).toEqual(['record']);
  });
});

describe('a folder that is made durably', () => {
  it('is made with those above it, for its owner only', () => {
    makeFolderDurably(join(folder, 'a', 'b', 'c'));
    for (const made of ['a', 'a/b', 'a/b/c']) expect(statSync(join(folder, made)).mode & 0o777).toBe(0o700);
  });

  it('is left as it is where it stands', () => {
    chmodSync(folder, 0o750);
    makeFolderDurably(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o750);
  });
});

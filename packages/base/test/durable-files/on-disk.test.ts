import type * as fs from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createFileDurably, makeFolderDurably, replaceFileDurably } from '../../src/index.js';

/** What happened to the disk, in order: what was written through, and what got its name. */
const steps = vi.hoisted((): string[] => []);

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof fs>();
  const pathOf = new Map<number, string>();
  return {
    ...real,
    openSync: (path: string, ...rest: [string, number?]) => {
      const handle = real.openSync(path, ...rest);
      pathOf.set(handle, path);
      return handle;
    },
    fsyncSync: (handle: number) => {
      real.fsyncSync(handle);
      steps.push(`sync ${pathOf.get(handle)}`);
    },
    renameSync: (from: string, to: string) => {
      real.renameSync(from, to);
      steps.push(`name ${to}`);
    },
    linkSync: (from: string, to: string) => {
      real.linkSync(from, to);
      steps.push(`name ${to}`);
    },
  };
});

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-durable-'));
  const mine = folder;
  onTestFinished(() => rmSync(mine, { recursive: true, force: true }));
  steps.length = 0;
});

describe('after a power cut', () => {
  it.each([replaceFileDurably, createFileDurably])('a file has its name only with its whole text', (write) => {
    const file = join(folder, 'record');
    write(file, 'text');
    expect(steps).toEqual([
      expect.stringMatching(/^sync .*[/]record\.[0-9a-f]{16}\.new$/) as string,
      `name ${file}`,
      `sync ${folder}`,
    ]);
  });

  it('a folder that was made is still there, and so are those above it', () => {
    makeFolderDurably(join(folder, 'a', 'b'));
    expect(steps).toEqual([`sync ${join(folder, 'a')}`, `sync ${folder}`]);
    makeFolderDurably(join(folder, 'a', 'b'));
    expect(steps).toHaveLength(2);
  });
});

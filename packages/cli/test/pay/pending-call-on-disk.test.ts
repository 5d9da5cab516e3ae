import type * as fs from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openPendingCall } from '../../src/pay/pending-call.js';

/** What was written through to the disk, in order. */
const onDisk = vi.hoisted((): string[] => []);

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
      onDisk.push(pathOf.get(handle) ?? '');
    },
  };
});

let above = '';
beforeEach(() => {
  above = mkdtempSync(join(tmpdir(), 'satway-pending-'));
});
afterEach(() => rmSync(above, { recursive: true, force: true }));

it('the key of a call and its name are on disk before the call is made, and so are folders that were missing', () => {
  const folder = join(above, 'home', 'pending');
  const thing = { method: 'GET', url: 'https://api.example/a', body: null };
  const call = openPendingCall(folder, thing);
  expect(onDisk.splice(0)).toEqual([
    join(above, 'home'),
    above,
    expect.stringMatching(/pending[/].*\.key\.[0-9a-f]{16}\.new$/) as string,
    folder,
  ]);
  call.leave();
  openPendingCall(folder, thing).settle();
  expect(onDisk).toEqual([]);
});

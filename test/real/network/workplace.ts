import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** A temporary folder, and a second process that clears up should this one be killed. */
export interface Workplace {
  readonly folder: string;
  started(pid: number): void;
  ended(pid: number): void;
  /** Call when all processes have ended. Removes the folder. */
  close(): Promise<void>;
}

export function openWorkplace(): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'satway-regtest-'));
  const reaper = startReaper();
  const tell = (line: string): void => void reaper.stdin.write(`${line}\n`);
  tell(`folder ${folder}`);
  return {
    folder,
    started: (pid) => tell(`+${pid}`),
    ended: (pid) => tell(`-${pid}`),
    close: () => dismiss(reaper, folder),
  };
}

function startReaper(): ChildProcessByStdio<Writable, null, null> {
  const script = fileURLToPath(new URL('./reaper.mjs', import.meta.url));
  // A process group of its own: Ctrl-C must not reach the one who clears up.
  const reaper = spawn(process.execPath, [script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  reaper.unref();
  return reaper;
}

async function dismiss(reaper: ChildProcessByStdio<Writable, null, null>, folder: string): Promise<void> {
  reaper.ref();
  const gone = new Promise((resolve) => reaper.once('exit', resolve));
  reaper.stdin.end();
  await gone;
  rmSync(folder, { recursive: true, force: true });
}

import { chmodSync, statSync } from 'node:fs';

/** Told what is right but careless, in one sentence for a person. */
export type Warn = (message: string) => void;

/** Each sentence once in the life of a process. */
export const warnOnce: Warn = (() => {
  const said = new Set<string>();
  return (message: string) => {
    if (said.has(message)) return;
    said.add(message);
    process.emitWarning(message, { code: 'SATWAY_VAULT' });
  };
})();

/** Takes away from others what they may do with a file or folder of ours, and says so. Nothing happens where nothing is. */
export function mendMode(path: string, mode: 0o600 | 0o700, warn: Warn): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (process.platform === 'win32' || stats === undefined || (stats.mode & 0o077) === 0) return;
  chmodSync(path, mode);
  warn(`${path} could be reached by others of this machine (mode ${octal(stats.mode)}); it is ${octal(mode)} now.`);
}

/** A folder of ours is closed to others; one that holds other things too is not ours to change, so that it is only said where others may write to it. */
export function guardFolder(folder: string, isOurs: boolean, warn: Warn): void {
  if (isOurs) return mendMode(folder, 0o700, warn);
  const stats = statSync(folder, { throwIfNoEntry: false });
  const mayWrite = stats !== undefined && (stats.mode & 0o022) !== 0 && (stats.mode & 0o1000) === 0;
  if (process.platform === 'win32' || !mayWrite) return;
  warn(
    `Others of this machine may write to ${folder} (mode ${octal(stats.mode)}), and so take the purchase store away; keep it in a folder of its own with mode 0700.`,
  );
}

export function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function octal(mode: number): string {
  return `0${(mode & 0o777).toString(8)}`;
}

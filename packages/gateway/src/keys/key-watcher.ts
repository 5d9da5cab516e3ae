import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { KeyRing } from '@satway/protocol';
import { type LoadedKeys, loadKeys } from './key-file.js';

/** The ring of the moment, read again whenever the file changes or somebody asks for it. */
export interface KeyWatcher {
  /** The same object until the keys change. */
  current(): KeyRing;
  /** Reads the file now; a file that cannot be used leaves the old ring in place. */
  reload(): Promise<void>;
  close(): void;
}

export interface KeyWatcherEvents {
  readonly onReloaded: (ring: KeyRing) => void;
  /** The file cannot be used; the old keys go on signing and verifying. */
  readonly onRefused: (cause: unknown) => void;
}

/** The file is replaced by a rename, often in two steps; so many milliseconds after the last of them it is read. */
const SETTLE_MS = 50;

/**
 * Follows the file of master keys, so that keys rotate without a restart. Its folder is watched, not the file: a rename puts another file in the
 * place of the one that was watched.
 *
 * @throws {SatwayError} `KEY_FILE_INVALID` at the first reading.
 */
export async function watchKeyFile(path: string, events: KeyWatcherEvents): Promise<KeyWatcher> {
  const watcher = new FolderKeyWatcher(path, events, await loadKeys(path));
  watcher.open();
  return watcher;
}

class FolderKeyWatcher implements KeyWatcher {
  private watcher: FSWatcher | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly path: string,
    private readonly events: KeyWatcherEvents,
    private keys: LoadedKeys,
  ) {}

  open(): void {
    const name = basename(this.path);
    this.watcher = watch(dirname(this.path), { persistent: false }, (_event, changed) => {
      if (changed === null || changed === name) this.scheduleReload();
    });
    // Where a file system cannot be watched, the owner of the gateway reloads (`reloadKeys`), or starts it again.
    this.watcher.on('error', (cause) => this.events.onRefused(cause));
  }

  current(): KeyRing {
    return this.keys.ring;
  }

  async reload(): Promise<void> {
    try {
      const keys = await loadKeys(this.path);
      if (keys.fingerprintHex === this.keys.fingerprintHex) return;
      this.keys = keys;
      this.events.onReloaded(keys.ring);
    } catch (cause) {
      this.events.onRefused(cause);
    }
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.watcher?.close();
  }

  private scheduleReload(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.reload(), SETTLE_MS).unref();
  }
}

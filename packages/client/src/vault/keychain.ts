import { createRequire } from 'node:module';
import type * as Keyring from '@napi-rs/keyring';

/** Where the operating system keeps secrets for its user. Every method throws where there is none that can be asked. */
export interface Keychain {
  /** `null` where it holds nothing under this name. */
  read(account: string): string | null;
  write(account: string, secret: string): void;
}

/** Whether the keychain is asked: never, always (without it nothing goes on), or where there is one. */
export type KeychainUse = 'off' | 'on' | 'auto';

const SERVICE = 'satway';

/**
 * On Linux only the Secret Service counts: the kernel's keyring, which the library would take otherwise, forgets at the next reboot what would then be
 * gone for good.
 */
const LASTING = { linux: { store: 'secret-service' } } as const;

/** The keychain of this machine. The library is optional and is loaded when it is needed first. */
export const systemKeychain: Keychain = {
  read: (account) => entryOf(account).getPassword(),
  write: (account, secret) => entryOf(account).setPassword(secret),
};

function entryOf(account: string) {
  const { Entry } = createRequire(import.meta.url)('@napi-rs/keyring') as typeof Keyring;
  return new Entry(SERVICE, account, LASTING);
}

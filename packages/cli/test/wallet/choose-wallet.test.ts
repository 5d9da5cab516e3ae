import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withPrivate } from '../../src/private-environment.js';
import { chooseWallet } from '../../src/wallet/choose-wallet.js';

const MACAROON = '0201036c6e6402f801030a10c0ffee';
const NWC = `nostr+walletconnect://${'b8'.repeat(32)}?relay=wss%3A%2F%2Frelay.example&secret=${'71'.repeat(32)}`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-choose-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function write(text: string): string {
  const path = join(folder, 'wallet.yaml');
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

describe('a wallet that cannot be chosen', () => {
  it('leaves no secret in the environment of processes started later: two wallets are named at once', async () => {
    vi.stubEnv('LND_REST_HOST', 'https://127.0.0.1:1');
    vi.stubEnv('LND_MACAROON', MACAROON);
    vi.stubEnv('NWC_URI', NWC);
    await expect(chooseWallet(undefined, 'pay')).rejects.toMatchObject({ code: 'WALLET_NOT_CONFIGURED' });
    expect([process.env['LND_MACAROON'], process.env['NWC_URI']]).toEqual([undefined, undefined]);
    expect(withPrivate()).toMatchObject({ LND_MACAROON: MACAROON, NWC_URI: NWC });
  });

  it('leaves neither the wallet’s variables there nor those that its file names: the file has a mistake', async () => {
    vi.stubEnv('LND_MACAROON', MACAROON);
    vi.stubEnv('SHOP_WALLET_KEY', 'hunter2hunter2');
    const file = write('kind: lnbits\nurl: http://127.0.0.1:1\nkey: ${SHOP_WALLET_KEY}\nnoSuchKey: 1\n');
    await expect(chooseWallet(file, 'pay')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect([process.env['LND_MACAROON'], process.env['SHOP_WALLET_KEY']]).toEqual([undefined, undefined]);
  });

  it('leaves none there: the file is not there', async () => {
    vi.stubEnv('LND_MACAROON', MACAROON);
    await expect(chooseWallet(join(folder, 'gone.yaml'), 'pay')).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
    expect(process.env['LND_MACAROON']).toBeUndefined();
  });

  it('leaves an environment that is not the process’s as it was', async () => {
    const environment = { LND_REST_HOST: 'https://127.0.0.1:1', LND_MACAROON: MACAROON, NWC_URI: NWC };
    vi.stubEnv('LND_MACAROON', MACAROON);
    await expect(chooseWallet(undefined, 'pay', environment)).rejects.toMatchObject({ code: 'WALLET_NOT_CONFIGURED' });
    expect(environment.LND_MACAROON).toBe(MACAROON);
    expect(process.env['LND_MACAROON']).toBe(MACAROON);
  });
});

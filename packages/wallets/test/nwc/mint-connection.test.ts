import { mintNwcConnection } from '@satway/wallets/nwc';
import { afterEach, describe, expect, it } from 'vitest';
import { type ScriptedRelay, startScriptedRelay } from '../../../../test/support/nwc/index.js';
import { parseConnectionUri } from '../../src/nwc/connection-uri.js';
import { newNostrKey } from '../../src/nwc/nostr/index.js';
import { refusal, result, walletScript, type WalletScript } from './scripted-wallet.js';

let relay: ScriptedRelay | null = null;

afterEach(() => relay?.close());

async function start(script: WalletScript): Promise<ScriptedRelay> {
  relay = await startScriptedRelay(walletScript(script));
  return relay;
}

const CHILD = {
  name: 'research agent',
  methods: ['pay_invoice', 'lookup_invoice', 'get_balance', 'get_info'],
  maxAmountMsat: 1_000_000,
  budgetRenewal: 'daily',
  expiresAtMs: 1_800_000_000_500,
} as const;
const CHILD_WALLET = newNostrKey().pubkeyHex;
const MADE: WalletScript = {
  create_connection: (_request, { answer }) => answer(result('create_connection', { wallet_pubkey: CHILD_WALLET })),
};

describe('a child connection', () => {
  it('is made with a key of its own, a budget and an expiry, over the relays and with the address of its parent', async () => {
    const { uri, url, requests, parties } = await start(MADE);
    const child = parseConnectionUri(await mintNwcConnection({ uri: `${uri}&lud16=me@example.com` }, CHILD));
    expect(child).toMatchObject({ walletPubkeyHex: CHILD_WALLET, relayUrls: [url], lud16: 'me@example.com' });
    expect(child.key.pubkeyHex).not.toBe(parties.client.pubkeyHex);
    expect(requests.map(({ params }) => params)).toEqual([
      {
        pubkey: child.key.pubkeyHex,
        name: 'research agent',
        request_methods: ['pay_invoice', 'lookup_invoice', 'get_balance', 'get_info'],
        max_amount: 1_000_000,
        budget_renewal: 'daily',
        expires_at: 1_800_000_000,
      },
    ]);
  });

  it('has a new key each time, which the wallet never sees', async () => {
    const { uri, requests } = await start(MADE);
    const children = [await mintNwcConnection({ uri }, CHILD), await mintNwcConnection({ uri }, CHILD)];
    const secrets = children.map((child) => new URL(child).searchParams.get('secret') ?? '');
    expect(new Set(secrets).size).toBe(2);
    expect(secrets.filter((secret) => JSON.stringify(requests).includes(secret))).toEqual([]);
  });

  it.each(['NOT_IMPLEMENTED', 'RESTRICTED', 'UNAUTHORIZED'])(
    'is refused by name where the wallet says %s',
    async (code) => {
      const { uri } = await start({
        create_connection: (_request, { answer }) => answer(refusal('create_connection', code)),
      });
      await expect(mintNwcConnection({ uri }, CHILD)).rejects.toMatchObject({
        code: 'WALLET_PERMISSION_DENIED',
        fundsMoved: 'no',
      });
    },
  );

  it.each([undefined, '', 'f'.repeat(64), 12])('is refused where the wallet names %j as its key', async (key) => {
    const { uri } = await start({
      create_connection: (_request, { answer }) => answer(result('create_connection', { wallet_pubkey: key })),
    });
    await expect(mintNwcConnection({ uri }, CHILD)).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
  });

  it.each([{ methods: [] }, { maxAmountMsat: 0 }, { maxAmountMsat: 1.5 }, { expiresAtMs: -1 }])(
    'with %j is refused before anything is sent',
    async (wrong) => {
      const { uri, connections } = await start(MADE);
      await expect(mintNwcConnection({ uri }, { ...CHILD, ...wrong })).rejects.toMatchObject({
        code: 'WALLET_REFUSED',
      });
      expect(connections()).toBe(0);
    },
  );
});

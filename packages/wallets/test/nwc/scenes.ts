import type { PayingWallet } from '@satway/wallets';
import { afterEach } from 'vitest';
import {
  type Parties,
  type RelayScript,
  type ScriptedRelay,
  startScriptedRelay,
} from '../../../../test/support/nwc/index.js';
import { result, startScriptedPayer, type WalletScript } from './scripted-wallet.js';

interface Closable {
  close(): Promise<void>;
}

const open: Closable[] = [];

afterEach(async () => {
  for (const thing of open.splice(0).toReversed()) await thing.close();
});

/** Closed after the test. */
export function kept<T extends Closable>(thing: T): T {
  open.push(thing);
  return thing;
}

/** One that the test has closed itself. */
export function gone(thing: Closable): void {
  open.splice(open.indexOf(thing), 1);
}

export const LIMITS = { feeLimitMsat: 1_000, timeoutMs: 20_000 };

export const tellsBalance: WalletScript = {
  get_balance: (_request, { answer }) => answer(result('get_balance', { balance: 21_000 })),
};

/** A payer with one relay. */
export async function scene(
  script: WalletScript,
  more: RelayScript = {},
): Promise<{ payer: PayingWallet; relay: ScriptedRelay }> {
  const { payer, relay } = await startScriptedPayer(script, more);
  kept(relay);
  return { payer: kept(payer), relay };
}

/** The relays of one connection. */
export function relaysOf(parties: Parties, ...scripts: readonly RelayScript[]): Promise<ScriptedRelay[]> {
  return Promise.all(scripts.map(async (script) => kept(await startScriptedRelay(script, parties))));
}

export function sentTo(relay: ScriptedRelay | undefined, method: string): number {
  return relay?.requests.filter((request) => request.method === method).length ?? Number.NaN;
}

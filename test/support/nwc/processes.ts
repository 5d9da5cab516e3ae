import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { newNostrKey, nostrKeyOf } from '../../../packages/wallets/src/nwc/nostr/index.js';

const programOf = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url));

/** A relay in a process of its own. */
export interface RelayProcess {
  readonly url: string;
  /** How many connections were made to it. */
  connections(): number;
  /** Drops the connections of those who have asked a wallet something. */
  cutRequesters(): void;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a relay, on this port where one is given. */
export async function startRelay(port = 0): Promise<RelayProcess> {
  const child = start('relay-process.mjs', { RELAY_PORT: String(port) });
  let connections = 0;
  child.on('message', (message: { connected?: number }) => (connections = message.connected ?? connections));
  const [told] = (await once(child, 'message')) as [{ port: number }];
  return {
    url: `ws://127.0.0.1:${told.port}`,
    connections: () => connections,
    cutRequesters: () => void child.send({ cutRequesters: true }),
    stop: (signal) => stop(child, signal),
  };
}

/** How a wallet service is made. */
export interface WalletServiceOptions {
  readonly relayUrl: string;
  /** The LND behind it. */
  readonly node: { readonly url: string; readonly macaroonHex: string; readonly certificatePem?: string };
  readonly methods?: readonly string[];
  readonly encryptions?: readonly ('nip44_v2' | 'nip04')[];
  readonly notifications?: readonly string[];
  /** How often it answers one request; once where left out. */
  readonly answers?: 'once' | 'twice';
  /** Those of a service that stood here before; new ones where left out. */
  readonly keys?: ConnectionKeys;
}

/** The secrets of the two sides of one connection. */
export interface ConnectionKeys {
  readonly walletSecretHex: string;
  readonly clientSecretHex: string;
}

/** An independent wallet service in a process of its own. */
export interface WalletServiceProcess {
  /** The connection URI for the one client that it knows; further relays can be added to it. */
  readonly uri: string;
  readonly walletPubkeyHex: string;
  readonly keys: ConnectionKeys;
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export const EVERY_METHOD = ['get_info', 'get_balance', 'make_invoice', 'lookup_invoice', 'pay_invoice'];

export async function startWalletService(options: WalletServiceOptions): Promise<WalletServiceProcess> {
  const keys = options.keys ?? newConnectionKeys();
  const config = {
    methods: EVERY_METHOD,
    encryptions: ['nip04', 'nip44_v2'],
    notifications: [],
    answers: 'once',
    ...options,
    walletSecretHex: keys.walletSecretHex,
    clientPubkeyHex: pubkeyOf(keys.clientSecretHex),
  };
  const child = start('wallet-service-process.mjs', { WALLET_SERVICE: JSON.stringify(config) });
  await once(child, 'message');
  const walletPubkeyHex = pubkeyOf(keys.walletSecretHex);
  const relay = encodeURIComponent(options.relayUrl);
  return {
    uri: `nostr+walletconnect://${walletPubkeyHex}?relay=${relay}&secret=${keys.clientSecretHex}`,
    walletPubkeyHex,
    keys,
    pid: child.pid ?? 0,
    signal: (signal) => void child.kill(signal),
    stop: (signal) => stop(child, signal),
  };
}

function newConnectionKeys(): ConnectionKeys {
  return { walletSecretHex: newNostrKey().secretHex, clientSecretHex: newNostrKey().secretHex };
}

function pubkeyOf(secretHex: string): string {
  return nostrKeyOf(secretHex)?.pubkeyHex ?? '';
}

/** What a payer in a process of its own is told to pay. */
export interface PaymentOrder {
  readonly uri: string;
  readonly invoice: string;
  readonly paymentHashHex: string;
  readonly amountMsat: number;
  readonly timeoutMs: number;
}

/** The built adapter in a process of its own, paying one invoice. */
export interface PayerProcess {
  /** The state of its outcome; `killed` when it was killed before. */
  readonly outcome: Promise<string>;
  /** Its exit code; `null` when it was killed. */
  readonly ended: Promise<number | null>;
  kill(): Promise<void>;
}

export function startPayer(order: PaymentOrder): PayerProcess {
  const child = start('payer-process.mjs', { PAYMENT_ORDER: JSON.stringify(order) });
  const told = once(child, 'message').then(([message]) => (message as { state: string }).state);
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return { outcome: Promise.race([told, ended.then(() => 'killed')]), ended, kill: () => stop(child) };
}

function start(program: string, environment: NodeJS.ProcessEnv): ChildProcess {
  const log = process.env['SATWAY_NWC_LOG'];
  const output = log === undefined ? ('ignore' as const) : openSync(log, 'a');
  const child = fork(programOf(program), {
    env: { ...process.env, ...environment },
    stdio: ['ignore', output, output, 'ipc'],
  });
  if (typeof output === 'number') closeSync(output);
  return child;
}

async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  child.kill('SIGCONT');
  await gone;
}

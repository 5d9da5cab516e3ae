import { mkdirSync, readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { join } from 'node:path';
import type { ChainAccess } from './btcd.js';
import { findFreePorts } from './free-ports.js';
import { exchange, type HttpsAnswer, type LineStream, openStream } from './https-request.js';
import { NodeProcess } from './node-process.js';
import { parseJson } from './parse-json.js';
import { waitUntil } from './wait-until.js';
import type { Workplace } from './workplace.js';

export interface BalancesMsat {
  /** Ours in all open channels, the reserve included. */
  readonly localMsat: number;
  readonly remoteMsat: number;
  /** In payments that one of the two has not written off yet. */
  readonly pendingMsat: number;
}

type BalanceField = 'local_balance' | 'remote_balance' | 'unsettled_local_balance' | 'unsettled_remote_balance';

interface MsatAmount {
  readonly msat: string;
}

/** One lnd with a REST interface of its own. */
export class LndNode {
  readonly name: string;
  readonly process: NodeProcess;
  readonly restUrl: string;
  /** Where the other node connects. */
  readonly peerAddress: string;
  /** Of its gRPC interface, for `lncli`. */
  readonly rpcAddress: string;
  readonly tlsCertPath: string;
  readonly adminMacaroonPath: string;
  #pubkey: string | undefined;

  constructor(name: string, folder: string, process: NodeProcess, ports: { rest: number; peer: number; rpc: number }) {
    this.name = name;
    this.process = process;
    this.restUrl = `https://127.0.0.1:${ports.rest}`;
    this.peerAddress = `127.0.0.1:${ports.peer}`;
    this.rpcAddress = `127.0.0.1:${ports.rpc}`;
    this.tlsCertPath = join(folder, 'tls.cert');
    this.adminMacaroonPath = join(folder, 'data/chain/bitcoin/regtest/admin.macaroon');
  }

  /** 66 lower-case hex digits; stays the same over restarts. */
  get pubkey(): string {
    if (this.#pubkey === undefined) throw new Error(`${this.name} has not started yet`);
    return this.#pubkey;
  }

  get pid(): number {
    return this.process.pid;
  }

  macaroonHex(): string {
    return readFileSync(this.adminMacaroonPath).toString('hex');
  }

  /** The answer as it came. A body that is text is sent as it stands. */
  ask(method: string, path: string, body?: unknown, macaroonHex?: string): Promise<HttpsAnswer> {
    return exchange(this.restUrl + path, this.#options(method, macaroonHex), textOf(body));
  }

  /** Like `ask`, for an answer that stays open. */
  listen(method: string, path: string, body?: unknown, macaroonHex?: string): Promise<LineStream> {
    return openStream(this.restUrl + path, this.#options(method, macaroonHex), textOf(body));
  }

  /** The parsed answer of a call that has to succeed. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.ask(method, path, body);
    if (answer.status !== 200) throw new Error(`${this.name} ${method} ${path}: HTTP ${answer.status} ${answer.body}`);
    return parseJson<T>(answer.body);
  }

  /** Hex of a macaroon that allows these gRPC methods and nothing else, e.g. `/lnrpc.Lightning/AddInvoice`. */
  async bakeMacaroon(methods: readonly string[], rootKeyId = 1): Promise<string> {
    const permissions = methods.map((action) => ({ entity: 'uri', action }));
    const { macaroon } = await this.call<{ macaroon: string }>('POST', '/v1/macaroon', {
      permissions,
      root_key_id: String(rootKeyId),
    });
    return macaroon;
  }

  async balancesMsat(): Promise<BalancesMsat> {
    const answer = await this.call<Record<BalanceField, MsatAmount>>('GET', '/v1/balance/channels');
    return {
      localMsat: Number(answer.local_balance.msat),
      remoteMsat: Number(answer.remote_balance.msat),
      pendingMsat: Number(answer.unsettled_local_balance.msat) + Number(answer.unsettled_remote_balance.msat),
    };
  }

  /** Returns once the node follows the chain and takes calls. */
  async start(): Promise<void> {
    this.process.start();
    await this.isReady();
  }

  async isReady(): Promise<void> {
    await waitUntil(`${this.name} takes calls`, () => this.#takesCalls(), {
      giveUpWhen: () => !this.process.isRunning,
    });
    const info = await waitUntil(`${this.name} follows the chain`, async () => {
      const answer = await this.call<{ identity_pubkey: string; synced_to_chain: boolean }>('GET', '/v1/getinfo');
      return answer.synced_to_chain && answer;
    });
    this.#pubkey = info.identity_pubkey;
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    return this.process.stop(signal);
  }

  logTail(lines?: number): string {
    return this.process.logTail(lines);
  }

  #options(method: string, macaroonHex = this.macaroonHex()): RequestOptions {
    // An empty text leaves the header out.
    const headers = macaroonHex === '' ? {} : { 'grpc-metadata-macaroon': macaroonHex };
    return { method, headers, ca: readFileSync(this.tlsCertPath) };
  }

  async #takesCalls(): Promise<boolean> {
    const { state } = await this.call<{ state: string }>('GET', '/v1/state');
    return state === 'SERVER_ACTIVE';
  }
}

function textOf(body: unknown): string | undefined {
  return body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
}

/** The node is not started yet. */
export async function prepareLnd(
  name: string,
  programs: string,
  chain: ChainAccess,
  workplace: Workplace,
): Promise<LndNode> {
  const folder = join(workplace.folder, name);
  mkdirSync(folder);
  const [rest = 0, peer = 0, rpc = 0] = await findFreePorts(3);
  const args = [
    ...nodeArguments(name, folder, { rest, peer, rpc }),
    '--bitcoin.node=btcd',
    `--btcd.rpchost=${chain.rpcHost}`,
    `--btcd.rpcuser=${chain.rpcUser}`,
    `--btcd.rpcpass=${chain.rpcPassword}`,
    `--btcd.rpccert=${chain.certificatePath}`,
  ];
  const process = new NodeProcess(join(programs, 'lnd'), args, join(folder, 'lnd.log'), workplace);
  return new LndNode(name, folder, process, { rest, peer, rpc });
}

function nodeArguments(name: string, folder: string, ports: { rest: number; peer: number; rpc: number }): string[] {
  return [
    `--lnddir=${folder}`,
    `--alias=${name}`,
    '--noseedbackup',
    '--bitcoin.regtest',
    '--bitcoin.defaultchanconfs=1',
    '--trickledelay=50',
    '--nobootstrap',
    '--logging.file.disable',
    `--restlisten=127.0.0.1:${ports.rest}`,
    `--rpclisten=127.0.0.1:${ports.rpc}`,
    `--listen=127.0.0.1:${ports.peer}`,
  ];
}

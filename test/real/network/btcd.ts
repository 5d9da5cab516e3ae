import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePorts } from './free-ports.js';
import { exchange } from './https-request.js';
import { NodeProcess } from './node-process.js';
import { parseJson } from './parse-json.js';
import { waitUntil } from './wait-until.js';
import type { Workplace } from './workplace.js';

/**
 * The P2WSH address of the script OP_TRUE on regtest: whoever shows that script may spend, so the coins that are mined here can
 * be sent to the nodes without a key.
 */
const ANYONE_CAN_SPEND_ADDRESS = 'bcrt1qft5p2uhsdcdc3l2ua4ap5qqfg4pjaqlp250x7us7a8qqhrxrxfsqseac85';
const OP_TRUE_WITNESS = '010151';
const FEE_BTC = 0.0001;

/** What lnd needs to reach its chain. */
export interface ChainAccess {
  readonly rpcHost: string;
  readonly rpcUser: string;
  readonly rpcPassword: string;
  readonly certificatePath: string;
}

interface RawTransaction {
  readonly vout: readonly { readonly value: number }[];
}

/** A chain of our own: one btcd on regtest that mines when it is told to. */
export class Btcd {
  readonly process: NodeProcess;
  readonly access: ChainAccess;
  /** Each block's first transaction pays to anyone; one of them is used per funding. */
  #nextCoinbaseHeight = 1;

  constructor(process: NodeProcess, access: ChainAccess) {
    this.process = process;
    this.access = access;
  }

  async rpc<T>(method: string, ...params: readonly unknown[]): Promise<T> {
    const { rpcHost, rpcUser, rpcPassword, certificatePath } = this.access;
    const { status, body } = await exchange(
      `https://${rpcHost}/`,
      {
        method: 'POST',
        ca: readFileSync(certificatePath),
        auth: `${rpcUser}:${rpcPassword}`,
        headers: { 'content-type': 'application/json' },
      },
      JSON.stringify({ jsonrpc: '1.0', id: 1, method, params }),
    );
    if (status !== 200) throw new Error(`btcd ${method}: HTTP ${status}`);
    const answer = parseJson<{ result: T; error: { message: string } | null }>(body);
    if (answer.error !== null) throw new Error(`btcd ${method}: ${answer.error.message}`);
    return answer.result;
  }

  /** Returns the new height. */
  async mine(blocks: number): Promise<number> {
    await this.rpc('generate', blocks);
    return this.rpc<number>('getblockcount');
  }

  /** Sends coins of an early block; they are there once a block is mined. The rest of that block's reward is the fee. */
  async fund(address: string): Promise<void> {
    const { transactionId, valueBtc } = await this.#takeCoinbase();
    const amountBtc = Number((valueBtc - FEE_BTC).toFixed(8));
    const unsigned = await this.rpc<string>('createrawtransaction', [{ txid: transactionId, vout: 0 }], {
      [address]: amountBtc,
    });
    await this.rpc('sendrawtransaction', withWitness(unsigned), true);
  }

  async #takeCoinbase(): Promise<{ transactionId: string; valueBtc: number }> {
    const blockHash = await this.rpc<string>('getblockhash', this.#nextCoinbaseHeight);
    this.#nextCoinbaseHeight += 1;
    const { tx } = await this.rpc<{ tx: string[] }>('getblock', blockHash, 1);
    const transactionId = tx[0] ?? '';
    const transaction = await this.rpc<RawTransaction>('getrawtransaction', transactionId, 1);
    return { transactionId, valueBtc: transaction.vout[0]?.value ?? 0 };
  }
}

/** BIP 144: marker and flag after the version, the witness of the only input before the lock time. */
function withWitness(transactionHex: string): string {
  const version = transactionHex.slice(0, 8);
  const lockTime = transactionHex.slice(-8);
  return `${version}0001${transactionHex.slice(8, -8)}${OP_TRUE_WITNESS}${lockTime}`;
}

export async function startBtcd(programs: string, workplace: Workplace): Promise<Btcd> {
  const folder = join(workplace.folder, 'btcd');
  mkdirSync(folder);
  const [rpcPort = 0, peerPort = 0] = await findFreePorts(2);
  const access: ChainAccess = {
    rpcHost: `127.0.0.1:${rpcPort}`,
    rpcUser: 'regtest',
    rpcPassword: randomBytes(16).toString('hex'),
    certificatePath: join(folder, 'rpc.cert'),
  };
  const args = btcdArguments(folder, access, peerPort);
  const btcd = new Btcd(new NodeProcess(join(programs, 'btcd'), args, join(folder, 'btcd.log'), workplace), access);
  btcd.process.start();
  await waitUntil('btcd answers', async () => ({ height: await btcd.rpc<number>('getblockcount') }), {
    giveUpWhen: () => !btcd.process.isRunning,
  });
  return btcd;
}

function btcdArguments(folder: string, access: ChainAccess, peerPort: number): string[] {
  const configFile = join(folder, 'btcd.conf');
  writeFileSync(configFile, `rpcuser=${access.rpcUser}\nrpcpass=${access.rpcPassword}\n`, { mode: 0o600 });
  return [
    '--regtest',
    '--txindex',
    `--miningaddr=${ANYONE_CAN_SPEND_ADDRESS}`,
    `--configfile=${configFile}`,
    `--datadir=${join(folder, 'data')}`,
    `--logdir=${join(folder, 'logs')}`,
    `--rpclisten=${access.rpcHost}`,
    `--rpccert=${access.certificatePath}`,
    `--rpckey=${join(folder, 'rpc.key')}`,
    `--listen=127.0.0.1:${peerPort}`,
    '--nodnsseed',
    '--nobanning',
  ];
}

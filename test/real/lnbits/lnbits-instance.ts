import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePorts } from '../network/free-ports.js';
import { NodeProcess } from '../network/node-process.js';
import { parseJson } from '../network/parse-json.js';
import { waitUntil } from '../network/wait-until.js';
import { openWorkplace, type Workplace } from '../network/workplace.js';

/** A wallet of the instance, with both of its keys. */
export interface LnbitsWallet {
  readonly id: string;
  readonly adminKey: string;
  readonly invoiceKey: string;
}

export interface LnbitsReply {
  readonly status: number;
  readonly body: string;
}

/** One LNbits with a database of its own. */
export class LnbitsInstance {
  readonly url: string;
  process: NodeProcess;
  readonly #workplace: Workplace;
  readonly #makeProcess: (environment: Readonly<Record<string, string>>) => NodeProcess;

  constructor(
    url: string,
    workplace: Workplace,
    makeProcess: (environment: Readonly<Record<string, string>>) => NodeProcess,
  ) {
    this.url = url;
    this.#workplace = workplace;
    this.#makeProcess = makeProcess;
    this.process = makeProcess({});
  }

  /** Returns once it takes calls. */
  async start(): Promise<void> {
    this.process.start();
    const isUp = async (): Promise<boolean> => (await this.ask('GET', '/api/v1/health')).status === 200;
    await waitUntil('LNbits takes calls', isUp, { giveUpWhen: () => !this.process.isRunning });
  }

  /** Ends it, and starts it with more in its environment. */
  async restartWith(environment: Readonly<Record<string, string>>): Promise<void> {
    await this.process.stop();
    this.process = this.#makeProcess(environment);
    await this.start();
  }

  /** The answer as it came. */
  async ask(
    method: string,
    path: string,
    more: { key?: string; token?: string; body?: unknown } = {},
  ): Promise<LnbitsReply> {
    const { key, token, body } = more;
    const response = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'x-api-key': key }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.text() };
  }

  /** The parsed answer of a call that has to succeed. */
  async call<T>(method: string, path: string, more: { key?: string; token?: string; body?: unknown } = {}): Promise<T> {
    const { status, body } = await this.ask(method, path, more);
    if (status >= 300) throw new Error(`${method} ${path}: HTTP ${status} ${body}`);
    return parseJson<T>(body);
  }

  /** Of a new user; without a currency, so that nothing asks for exchange rates. */
  async newWallet(): Promise<LnbitsWallet> {
    const { id, adminkey, inkey } = await this.call<{ id: string; adminkey: string; inkey: string }>(
      'POST',
      '/api/v1/account',
      { body: { name: 'a wallet' } },
    );
    await this.call('PATCH', '/api/v1/wallet', { key: adminkey, body: { currency: '' } });
    return { id, adminKey: adminkey, invoiceKey: inkey };
  }

  async balanceMsat({ invoiceKey }: LnbitsWallet): Promise<number> {
    return (await this.call<{ balance: number }>('GET', '/api/v1/wallet', { key: invoiceKey })).balance;
  }

  async stop(): Promise<void> {
    await this.process.stop('SIGKILL');
    await this.#workplace.close();
  }
}

/**
 * Takes some seconds. Nothing outlives the test process, not even when it is killed.
 *
 * @param environment - its settings, `LNBITS_BACKEND_WALLET_CLASS` among them.
 */
export async function startLnbits(environment: Readonly<Record<string, string>>): Promise<LnbitsInstance> {
  const home = findInstallation();
  const workplace = openWorkplace();
  const [port = 0] = await findFreePorts(1);
  const instance = new LnbitsInstance(`http://127.0.0.1:${port}`, workplace, (more) =>
    describeProcess(home, port, workplace, { ...environment, ...more }),
  );
  try {
    await instance.start();
    return instance;
  } catch (error) {
    const tail = instance.process.logTail();
    await instance.stop();
    throw new Error(`LNbits did not come up.\n${tail}`, { cause: error });
  }
}

/** It is instant when it was made before; otherwise it takes a minute and says so on stderr. */
function findInstallation(): string {
  const script = fileURLToPath(new URL('../../../scripts/install-lnbits.sh', import.meta.url));
  return execFileSync(script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}

/** Its own command starts the server as a second process, which would outlive the first; so the server is started itself. */
function describeProcess(
  home: string,
  port: number,
  workplace: Workplace,
  environment: Readonly<Record<string, string>>,
): NodeProcess {
  const data = join(workplace.folder, 'lnbits');
  mkdirSync(join(data, 'extensions'), { recursive: true });
  const args = ['-m', 'uvicorn', 'lnbits.__main__:app', '--host=127.0.0.1', `--port=${port}`];
  return new NodeProcess(join(home, 'bin/python'), args, join(workplace.folder, 'lnbits.log'), workplace, {
    // It looks for its static files by a path relative to the folder that holds its package.
    cwd: packagesFolder(home),
    env: {
      LNBITS_ADMIN_UI: 'false',
      LNBITS_DATA_FOLDER: data,
      LNBITS_EXTENSIONS_PATH: data,
      // Nothing of it is needed here, and a machine without a network need not wait for it.
      LNBITS_EXTENSIONS_MANIFESTS: '[]',
      LNBITS_PRICE_AGGREGATOR_ENABLED: 'false',
      // Other people's programs on this machine may have set some for themselves.
      SUPER_USER: '',
      ...environment,
    },
  });
}

function packagesFolder(home: string): string {
  const [python] = readdirSync(join(home, 'lib')).filter((name) => name.startsWith('python3.'));
  if (python === undefined) throw new Error(`${home} is no virtual environment`);
  return join(home, 'lib', python, 'site-packages');
}

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../processes/gateway-process.mjs', import.meta.url));

/** A gateway in a process of its own. */
export interface GatewayProcess {
  readonly url: string;
  /** Resolves when a text stands in its log. */
  logged(text: string): Promise<void>;
  /** `SIGKILL`: without a chance to tidy up; `SIGTERM`: a stop. Resolves with the exit code when the process is gone. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
}

/** Starts a gateway from the built packages; resolves when it takes requests. */
export async function spawnGateway(
  configPath: string,
  environment: Record<string, string> = {},
): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [script, configPath], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const readers: (() => void)[] = [];
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
    for (const read of readers) read();
  });
  const url = await firstLine(child, () => log);
  return {
    url,
    logged: (text) =>
      new Promise((resolve) => {
        const read = (): void => (log.includes(text) ? resolve() : undefined);
        readers.push(read);
        read();
      }),
    kill: (signal) => {
      const gone = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
      child.kill(signal);
      return gone;
    },
  };
}

function firstLine(child: ChildProcess, log: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.split('\n')[0] ?? '');
    });
    child.once('exit', (code) => reject(new TypeError(`the gateway ended with ${code}: ${log()}`)));
  });
}

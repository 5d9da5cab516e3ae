import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BIN, type Ended } from './run-satway.js';

/** Runs the built command at a pseudo-terminal, types each answer when its question stands there, and returns all that was to be seen. */
export async function runAtTerminal(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  answers: readonly { readonly after: string; readonly type: string }[],
): Promise<Pick<Ended, 'code'> & { readonly seen: string }> {
  const command = [process.execPath, BIN, ...args].map((part) => `'${part.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const open = [...answers];
  let seen = '';
  child.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
    const [next] = open;
    if (next === undefined || !seen.includes(next.after)) return;
    open.shift();
    child.stdin.write(`${next.type}\r`);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, seen };
}

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** The command's own file. */
export const BIN = fileURLToPath(new URL('../bin/satway.mjs', import.meta.url));

/** What a run of the command said and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

export function startSatway(
  args: readonly string[],
  environment: Environment = {},
): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, [BIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
}

/** Runs the built command to its end. */
export async function runSatway(args: readonly string[], environment: Environment = {}): Promise<Ended> {
  const child = startSatway(args, environment);
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (chunk: Buffer) => (text[stream] += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...text };
}

/** A command that serves: its first line on stdout, and how to stop it. */
export interface Serving {
  readonly first: Record<string, unknown>;
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

export async function serveSatway(args: readonly string[], environment: Environment = {}): Promise<Serving> {
  const child = startSatway(args, environment);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const lines: Interface = createInterface({ input: child.stdout });
  const line = await Promise.race([
    once(lines, 'line') as Promise<[string]>,
    once(child, 'exit').then(() => [''] as [string]),
  ]);
  if (line[0] === '') throw new Error(`satway ended before it was ready: ${stderr}`);
  return {
    first: JSON.parse(line[0]) as Record<string, unknown>,
    async stop(signal) {
      const ended = once(child, 'exit') as Promise<[number | null]>;
      child.kill(signal);
      return (await ended)[0];
    },
  };
}

export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import type { Workplace } from './workplace.js';

/** Where a program runs, and what it finds in its environment beside ours. */
export interface ProcessPlace {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** One program of the network: started, stopped and started again with the same arguments. */
export class NodeProcess {
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #logFile: string;
  readonly #workplace: Workplace;
  readonly #place: ProcessPlace;
  #running: { readonly child: ChildProcess; readonly pid: number; readonly exited: Promise<void> } | undefined;

  constructor(
    command: string,
    args: readonly string[],
    logFile: string,
    workplace: Workplace,
    place: ProcessPlace = {},
  ) {
    this.#command = command;
    this.#args = args;
    this.#logFile = logFile;
    this.#workplace = workplace;
    this.#place = place;
  }

  get pid(): number {
    if (this.#running === undefined) throw new Error(`${this.#command} is not running`);
    return this.#running.pid;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  start(): void {
    if (this.#running !== undefined) throw new Error(`${this.#command} runs already`);
    const log = openSync(this.#logFile, 'a');
    const { cwd, env } = this.#place;
    const options = { cwd, env: { ...process.env, ...env } };
    const child = spawn(this.#command, this.#args, { ...options, stdio: ['ignore', log, log] });
    closeSync(log);
    if (child.pid === undefined) throw new Error(`${this.#command} cannot be started`);
    const { pid } = child;
    this.#workplace.started(pid);
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve())).then(() => this.#noteExit(pid));
    this.#running = { child, pid, exited };
  }

  /** Sends the signal and waits until the process is gone: an lnd that stops holds its ports for seconds. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#running === undefined) return;
    const { child, exited } = this.#running;
    child.kill(signal);
    // A process that is frozen sees SIGTERM only when it goes on.
    child.kill('SIGCONT');
    await exited;
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  logTail(lines = 40): string {
    if (!existsSync(this.#logFile)) return '(no log)';
    return readFileSync(this.#logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  #noteExit(pid: number): void {
    this.#workplace.ended(pid);
    this.#running = undefined;
  }
}

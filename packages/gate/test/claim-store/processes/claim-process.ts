import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ClaimRef, ClaimRequest, ClaimResult } from '@satway/gate/claim-store';

const WORKER = fileURLToPath(new URL('./claim-worker.mjs', import.meta.url));

/** A claim store in a process of its own, running the built package. */
export class ClaimProcess {
  readonly #child: ChildProcess;
  #nextId = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when the store is open; rejects when the process ends before. */
  static async start(kind: 'postgres' | 'pglite', where: string): Promise<ClaimProcess> {
    const child = fork(WORKER, [kind, where], { stdio: ['ignore', 'inherit', 'pipe', 'ipc'], execArgv: [] });
    let complaint = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    const started = await Promise.race([once(child, 'message'), once(child, 'close')]);
    if (typeof started[0] === 'object') return new ClaimProcess(child);
    throw new Error(complaint);
  }

  claim(requests: readonly ClaimRequest[]): Promise<ClaimResult[]> {
    return this.#ask('claim', requests);
  }

  capture(refs: readonly ClaimRef[]): Promise<boolean[]> {
    return this.#ask('capture', refs);
  }

  /** `kill -9`: no clean-up runs. Resolves when the process is gone. */
  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  #ask<Result>(verb: string, items: readonly unknown[]): Promise<Result[]> {
    const id = (this.#nextId += 1);
    return new Promise((resolve, reject) => {
      const onMessage = (message: { readonly id: unknown; readonly results: Result[] }) => {
        if (message.id !== id) return;
        this.#child.off('message', onMessage).off('exit', onExit);
        resolve(message.results);
      };
      const onExit = () => reject(new Error('The process ended before it answered.'));
      this.#child.on('message', onMessage).once('exit', onExit);
      this.#child.send({ id, verb, items });
    });
  }
}

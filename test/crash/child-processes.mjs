// Processes that are started, killed for real and started again.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Starts one of the programs beside this file and waits until it says `{ ready: true }`.
 *
 * @returns the child, its first message, and `gone`, which resolves with the signal when it has ended.
 */
export async function startChild(program, task, onMessage = () => undefined) {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = fork(path, {
    env: { ...process.env, SATWAY_CRASH_TASK: JSON.stringify(task) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const ready = new Promise((resolve, reject) => {
    child.on('message', (message) => (message.ready === true ? resolve(message) : onMessage(message)));
    gone.then(
      ({ code, signal }) => reject(new Error(`${program} ended before it was ready: ${code ?? signal}`)),
      reject,
    );
  });
  // Whoever kills it before it is ready does not wait for it.
  ready.catch(() => undefined);
  return { child, ready, gone };
}

/** SIGKILL, and the proof that it is gone. */
export async function killForReal({ child, gone }) {
  child.kill('SIGKILL');
  return gone;
}

/** The task of this child process. */
export function ownTask() {
  return JSON.parse(process.env.SATWAY_CRASH_TASK ?? '{}');
}

/** A child must not outlive its parent, however that one ends. */
export function endWithParent() {
  process.on('disconnect', () => process.exit(0));
}

export function tellParent(message) {
  return new Promise((resolve) => {
    process.send(message, resolve);
  });
}

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Lets a process without a wallet make calls, one after the other. The token goes over a pipe: the arguments of a process are there for everybody to read. */
export function askSubAgent(token, calls, { allowHosts }) {
  return runIn('./sub-agent.mjs', { token, calls, allowHosts });
}

/** Lets a process of its own buy, within its part of a budget; tells how each of its purchases ended. */
export function startPayer(task) {
  return runIn('./payer.mjs', task);
}

function runIn(program, task) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL(program, import.meta.url)));
    child.once('message', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code} before it was done`)));
    child.send(task);
  });
}

// Whom a process connects to, as the sockets themselves tell it, apart for each case that runs at the same time.
import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';

const cases = new AsyncLocalStorage();

/** Runs `work`, and writes every address and port that anything in it tries to connect to into `attempts`. */
export function watchConnections(attempts, work) {
  return cases.run({ attempts }, work);
}

/** Runs what belongs to the harness itself and not to the buyer under test. */
export function unwatched(work) {
  return cases.run(undefined, work);
}

/** Nothing of a case leaves this machine: a connection to anywhere else counts, and is ended before a byte is written. */
channel('net.client.socket').subscribe(({ socket }) => {
  const running = cases.getStore();
  if (running === undefined) return;
  socket.on('connectionAttempt', (address, port) => {
    running.attempts.push({ address, port });
    if (!isLocal(address)) process.nextTick(() => socket.destroy(new Error('nothing leaves this machine')));
  });
});

export function isLocal(address) {
  return ['127.0.0.1', '::1'].includes(address);
}

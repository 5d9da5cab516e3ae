// Processes of a benchmark: pinned to a core, waited for, measured, and gone at the end whatever happens.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const running = new Set();

/** The core of the system under test, and the core of everything else. */
export const CORES = { underTest: '0', others: '1' };

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

/** Starts a process on one core. */
export function startOn(core, command, args, options = {}) {
  const child = spawn('taskset', ['-c', core, command, ...args], { stdio: ['pipe', 'pipe', 'inherit'], ...options });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Starts one of our Node programs that prints one JSON line when it is ready, and gives that line back. */
export async function startNodeOn(core, script, args = [], nodeArgs = []) {
  const child = startOn(core, process.execPath, [...nodeArgs, script, ...args]);
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(lines, 'line'), failedStart(child, script)]);
  lines.on('line', () => undefined);
  return { child, ready: JSON.parse(line) };
}

async function failedStart(child, script) {
  const [code] = await once(child, 'exit');
  throw new Error(`${script} ended with ${code} before it was ready`);
}

/** Runs a command on a core to its end and gives its stdout. */
export async function runOn(core, command, args) {
  const child = startOn(core, command, args);
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
  return Buffer.concat(chunks).toString();
}

export async function stop(child, signal = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

const TICKS_PER_SECOND = 100;

/** CPU time that a process has used, in milliseconds, its threads included. */
export function cpuTimeMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

/** Bytes that a process has sent to disk, or will have when its pages are written back. */
export function bytesWritten(pid) {
  return Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

/** Memory that a process holds, in mebibytes. */
export function residentMiB(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

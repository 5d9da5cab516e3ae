// Kills what its parent started when the parent is gone, however it went: SIGKILL leaves no time for an exit handler.
// Reads lines `+pid`, `-pid` and `folder path`; the end of its input is the end of the parent.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const pids = new Set();
let folder;

const commands = createInterface({ input: process.stdin });
commands.on('line', (line) => {
  if (line.startsWith('+')) pids.add(Number(line.slice(1)));
  else if (line.startsWith('-')) pids.delete(Number(line.slice(1)));
  else if (line.startsWith('folder ')) folder = line.slice('folder '.length);
});
commands.on('close', () => {
  for (const pid of pids) killQuietly(pid);
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

function killQuietly(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

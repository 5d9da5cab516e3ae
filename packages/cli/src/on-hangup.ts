import { closeSync, openSync } from 'node:fs';

/**
 * Calls back at SIGHUP, the sign for a server to read its configuration again. A terminal that was closed sends it too: then the process ends as the system
 * would end it, or it would be left behind where nobody sees it.
 *
 * @returns how to stop listening.
 */
export function onHangup(reload: () => void): () => void {
  // There it stands for a closed window, and the process ends.
  if (process.platform === 'win32') return () => undefined;
  const hadTerminal = hasTerminal();
  const onSignal = (): void => {
    if (!hadTerminal || hasTerminal()) return reload();
    process.off('SIGHUP', onSignal);
    process.kill(process.pid, 'SIGHUP');
  };
  process.on('SIGHUP', onSignal);
  return () => void process.off('SIGHUP', onSignal);
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

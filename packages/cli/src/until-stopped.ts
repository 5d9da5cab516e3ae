/** How often to look whether whoever started us is still there. */
const LOOK_EVERY_MS = 250;

/**
 * Resolves at the first SIGINT or SIGTERM; a second one ends the process as the system would. Under `npx` and `npm run` also when they are gone: npm does
 * not hand a signal on, and a server that nobody can stop would be left behind.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const parent = process.ppid;
    const timer = isUnderNpm() ? setInterval(() => process.ppid === parent || stop(), LOOK_EVERY_MS) : undefined;
    const stop = (): void => {
      clearInterval(timer);
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}

function isUnderNpm(): boolean {
  return process.env['npm_command'] !== undefined;
}

/** A PostgreSQL server of a test's own. */
export interface TestPostgres {
  /** As the superuser `postgres`, to the database `postgres`. */
  readonly url: string;
  /** Stops the server and removes its folder. */
  stop(): Promise<void>;
  /** Sends a signal to the server's main process; `SIGKILL` when left out. */
  kill(signal?: NodeJS.Signals): void;
  /** Starts the killed server again, on the same folder and port. */
  restart(): Promise<void>;
}

/** Starts a real PostgreSQL with a folder, a port and a password of its own, `fsync` on. It ends with this process at the latest. */
export function startTestPostgres(options?: { findBinaries?: (copyTo: string) => string }): Promise<TestPostgres>;

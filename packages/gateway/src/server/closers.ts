import type { Logger } from '../logs/index.js';

/** What was opened, closed in the opposite order; one that fails does not keep the others open. */
export class Closers {
  private readonly closers: (() => unknown)[] = [];
  private closing: Promise<void> | null = null;

  add(close: () => unknown): void {
    this.closers.push(close);
  }

  /** The same promise to whoever asks again. */
  closeAll(logger: Logger): Promise<void> {
    this.closing ??= this.run(logger);
    return this.closing;
  }

  private async run(logger: Logger): Promise<void> {
    for (const close of this.closers.toReversed()) {
      try {
        await close();
      } catch (error) {
        logger.error({ error }, 'a part of the gateway could not be closed');
      }
    }
  }
}

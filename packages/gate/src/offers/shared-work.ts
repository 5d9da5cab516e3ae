import { Generations } from '../generations.js';

interface Entry<T> {
  /** `null` once it is done. */
  work: Promise<T> | null;
  readonly sinceMs: number;
}

/** Work under keys, which equal requests share while it runs. */
export class SharedWork<T> {
  readonly #entries = new Generations<Entry<T>>(({ work }) => work !== null);
  #running = 0;

  /** How much of it runs now. */
  get size(): number {
    return this.#running;
  }

  /** What runs under this key since later than `afterMs`; `null` where nothing does. */
  find(key: string, afterMs: number): Promise<T> | null {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.sinceMs > afterMs ? entry.work : null;
  }

  /** From now on this is what is found; what runs there already runs on. @returns the same work. */
  share(key: string, work: Promise<T>, sinceMs: number): Promise<T> {
    const entry: Entry<T> = { work, sinceMs };
    this.#entries.set(key, entry);
    this.#running += 1;
    const end = (): void => {
      entry.work = null;
      this.#running -= 1;
    };
    work.then(end, end);
    return work;
  }
}

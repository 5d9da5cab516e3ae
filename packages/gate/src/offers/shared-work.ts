import { Generations } from '../generations.js';

interface Entry<T> {
  /** `null` once it is done. */
  work: Promise<T> | null;
}

/** Work under keys, which equal requests share while it runs. */
export class SharedWork<T> {
  readonly #entries = new Generations<Entry<T>>(({ work }) => work !== null);
  #running = 0;

  /** How much of it runs now. */
  get size(): number {
    return this.#running;
  }

  /** What runs under this key; `null` where nothing does. */
  find(key: string): Promise<T> | null {
    return this.#entries.get(key)?.work ?? null;
  }

  /** @returns the same work. */
  share(key: string, work: Promise<T>): Promise<T> {
    const entry: Entry<T> = { work };
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

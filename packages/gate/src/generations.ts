/** So many entries make a generation. */
const GENERATION = 1_024;

/**
 * Entries that live shortly and come by the thousand, under their keys. What is no longer live stays to be found for a while and is then dropped together
 * with its whole generation; taking entries out of one `Map` one by one would make it replace its table again and again (see `Roll`).
 */
export class Generations<V extends object> {
  readonly #isLive: (value: V) => boolean;
  #young = new Map<string, V>();
  #old: Map<string, V> | null = null;
  #mostYoung = GENERATION;

  /** @param isLive - such an entry is never dropped. */
  constructor(isLive: (value: V) => boolean) {
    this.#isLive = isLive;
  }

  get(key: string): V | undefined {
    return this.#young.get(key) ?? this.#old?.get(key);
  }

  /** As the newest, also where it was there before. */
  set(key: string, value: V): void {
    if (this.#young.size >= this.#mostYoung) this.turn();
    this.#young.set(key, value);
  }

  /** Begins a generation. What was not live before the last turn is gone after it. */
  turn(): void {
    const next = new Map<string, V>();
    for (const [key, value] of this.#old ?? []) if (this.#isLive(value) && !this.#young.has(key)) next.set(key, value);
    this.#old = this.#young.size === 0 ? null : this.#young;
    this.#young = next;
    // Where most entries live on, turning at every one of them would bring nothing.
    this.#mostYoung = Math.max(GENERATION, 2 * next.size);
  }
}

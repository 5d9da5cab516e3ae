/** First come, first served, for each key, within this process. */
export interface KeyedLocks {
  /** Runs `work` when everybody who came earlier with this key is done, however that ended. */
  withLock<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export function createKeyedLocks(): KeyedLocks {
  const tails = new Map<string, Promise<unknown>>();
  return {
    async withLock(key, work) {
      const turn = (tails.get(key) ?? Promise.resolve()).then(work);
      const tail = turn.catch(() => undefined);
      tails.set(key, tail);
      try {
        return await turn;
      } finally {
        if (tails.get(key) === tail) tails.delete(key);
      }
    },
  };
}

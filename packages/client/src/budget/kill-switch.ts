import type { Database } from '../store/database.js';
import { integer, text } from '../store/row.js';

/** Why and since when nothing is spent from a store. */
export interface SpendingStop {
  readonly reason: string;
  readonly sinceMs: number;
}

/** One switch for all budgets of a store and every process that uses it. */
export interface KillSwitch {
  /** From the next step of any process on nothing is paid. What is on its way already is not called back. */
  freeze(reason: string): void;
  thaw(): void;
  /** `null` where spending is allowed. */
  stopped(): SpendingStop | null;
}

export function createKillSwitch(database: Database, nowMs: () => number): KillSwitch {
  return {
    freeze: (reason) =>
      void database.run(
        'INSERT INTO kill_switch VALUES (1, ?, ?) ON CONFLICT DO NOTHING',
        reason.slice(0, 500),
        nowMs(),
      ),
    thaw: () => void database.run('DELETE FROM kill_switch'),
    stopped() {
      const row = database.get('SELECT reason, since_ms FROM kill_switch');
      return row === undefined ? null : { reason: text(row, 'reason'), sinceMs: integer(row, 'since_ms') };
    },
  };
}

/** Asked inside the transaction that is about to spend. */
export function isSwitchedOff(database: Database): boolean {
  return database.get('SELECT 1 FROM kill_switch') !== undefined;
}

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseJson } from '../network/index.js';
import type { RecordedAnswer } from './recorder.js';

const folder = fileURLToPath(new URL('../../../packages/wallets/test/lnd/recorded', import.meta.url));

const recordings = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.json'));

/** All answers that were recorded, by name. */
export function readRecordings(): ReadonlyMap<string, RecordedAnswer> {
  const answers = recordings().map((name) => parseJson<RecordedAnswer>(readFileSync(join(folder, name), 'utf8')));
  return new Map(answers.map((answer) => [answer.name, answer]));
}

/** Replaces all of them. */
export function writeRecordings(answers: readonly RecordedAnswer[]): void {
  mkdirSync(folder, { recursive: true });
  for (const name of recordings()) rmSync(join(folder, name));
  for (const answer of answers)
    writeFileSync(join(folder, `${answer.name}.json`), `${JSON.stringify(answer, null, 2)}\n`);
}

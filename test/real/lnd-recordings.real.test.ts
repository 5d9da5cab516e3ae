import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseJson, type RegtestNetwork, startRegtestNetwork } from './network/index.js';
import { recordNode, recordRefusedMacaroons } from './recording/node-facts.js';
import { recordHeld, recordOlderSending, recordSending, recordTracking } from './recording/paying.js';
import { Recorder } from './recording/recorder.js';
import { readRecordings, writeRecordings } from './recording/recording-folder.js';
import { recordSelling } from './recording/selling.js';
import { shapeOf } from './recording/shape.js';
import { recordStart } from './recording/starting-up.js';

/** `SATWAY_RECORD=1 npm run test:real lnd-recordings` writes the recordings anew. */
const writesAnew = process.env['SATWAY_RECORD'] === '1';

/** All that this version of lnd says before it takes calls (its `rpcperms`); none of it tells anything about a payment. */
const NOT_YET: ReadonlySet<string> = new Set([
  'waiting to start, RPC services not available',
  'wallet locked, unlock it to enable full RPC access',
  'wallet not created, create one to enable full RPC access',
  'the RPC server is in the process of starting up, but not yet ready to accept calls',
]);

let network: RegtestNetwork;
const recorder = new Recorder();

beforeAll(async () => {
  network = await startRegtestNetwork();
  await recordNode(recorder, network);
  await recordSelling(recorder, network);
  await recordSending(recorder, network);
  await recordTracking(recorder, network);
  await recordHeld(recorder, network);
  await recordOlderSending(recorder, network);
  await recordRefusedMacaroons(recorder, network);
  await recordStart(recorder, network);
  if (writesAnew) writeRecordings(recorder.answers);
});

afterAll(() => network?.stop());

/** How many of these one sees is chance. */
const isOfChance = (name: string): boolean => name.startsWith('starting-');

describe('the recorded answers of lnd', () => {
  it('are what this lnd answers, case by case', () => {
    const recorded = readRecordings();
    const seen = recorder.answers.filter(({ name }) => !isOfChance(name));
    expect(seen.length).toBeGreaterThan(50);
    const shapes = (answers: Iterable<(typeof seen)[number]>): [string, unknown][] =>
      [...answers].filter(({ name }) => !isOfChance(name)).map((answer) => [answer.name, shapeOf(answer)]);
    expect(new Map(shapes(seen))).toEqual(new Map(shapes(recorded.values())));
  });

  it('of a node on its way up are refusals that mean "not yet"', () => {
    const messages = recorder.answers
      .filter(({ name }) => isOfChance(name))
      .map(({ answer }) => parseJson<{ error: { message: string } }>(answer.body).error.message);
    expect(messages.at(-1)).toBe("payment isn't initiated");
    expect(messages.filter((message) => !NOT_YET.has(message))).toEqual(["payment isn't initiated"]);
  });

  it('hold no macaroon', () => {
    const texts = [...readRecordings().values()].map((answer) => JSON.stringify(answer));
    expect(texts.filter((text) => /"macaroon"|0201036c6e64/i.test(text))).toEqual([]);
  });
});

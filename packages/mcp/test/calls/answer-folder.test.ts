import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MAX_ANSWER_BYTES, openAnswerFolder } from '../../src/calls/index.js';
import { createSentSecrets } from '../../src/secrets/index.js';

function newFolder(maxShownChars = 20, secrets = createSentSecrets()) {
  const home = mkdtempSync(join(tmpdir(), 'satway-answers-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const folder = join(home, 'answers');
  return { home, folder, answers: openAnswerFolder({ folder, maxShownChars, secrets }) };
}

const answerOf = (body: ConstructorParameters<typeof Response>[0], contentType?: string): Response =>
  new Response(body, { headers: contentType === undefined ? {} : { 'content-type': contentType } });

describe('the folder of answers', () => {
  it('is not even made for a text that is shown whole', async () => {
    const { folder, answers } = newFolder();
    const kept = await answers.keep('call_1', answerOf('short', 'text/plain'));
    expect(kept).toMatchObject({ mimeType: 'text/plain', isText: true, shown: 'short', file: null, byteLength: 5 });
    expect(existsSync(folder)).toBe(false);
  });

  it('keeps no proof of payment that a seller repeats: not in its text, file, later pages or type', async () => {
    const secrets = createSentSecrets();
    const preimageHex = '5e'.repeat(32);
    secrets.note(`L402 AgEMc29tZSBtYWNhcm9vbiB0ZXh0:${preimageHex}`);
    const { answers } = newFolder(20, secrets);
    const text = await answers.keep(
      'call_1',
      answerOf(`${'x'.repeat(10)}${preimageHex.toUpperCase()} é`, 'text/plain'),
    );
    expect(text.shown).toBe('xxxxxxxxxx[redacted]');
    expect(answers.readText(text, 0, 1000)).toBe('xxxxxxxxxx[redacted] é');
    expect(Buffer.from(answers.readBytes(text)).toString()).toBe('xxxxxxxxxx[redacted] é');
    const wide = await answers.keep(
      'call_2',
      answerOf(Buffer.from(preimageHex, 'utf16le'), 'text/plain; charset=utf-16le'),
    );
    expect(answers.readText(wide, 0, 1000)).toBe('[redacted]');
    const bytes = Buffer.from([0, 255, ...Buffer.from(preimageHex), 0, 254]);
    const binary = await answers.keep('call_3', answerOf(bytes, `image/${preimageHex}`));
    expect([...answers.readBytes(binary)]).toEqual([0, 255, ...Buffer.from('*'.repeat(64)), 0, 254]);
    expect(binary.mimeType).toBe('application/octet-stream');
  });

  it('keeps an answer that cannot be searched for secrets as a file, and shows nothing of it', async () => {
    const strip = () => {
      throw new RangeError('Maximum call stack size exceeded');
    };
    const { folder, answers } = newFolder(20, { note: () => undefined, strip });
    const kept = await answers.keep('call_1', answerOf('paid for', 'text/plain'));
    expect(kept).toMatchObject({ isText: false, isWithheld: true, shown: '', charLength: 0, byteLength: 8 });
    expect(kept.file).toBe(join(folder, 'call_1.bin'));
    expect(readFileSync(String(kept.file), 'utf8')).toBe('paid for');
    expect(lstatSync(String(kept.file)).mode & 0o777).toBe(0o600);
  });

  it('keeps parts that are no text beside an answer, without the proofs of payment in them, and lets them go with it', async () => {
    const secrets = createSentSecrets();
    secrets.note('5e'.repeat(32));
    const { folder, answers } = newFolder(20, secrets);
    const bytes = Buffer.from([0, 255, ...Buffer.from('5e'.repeat(32))]);
    const part = answers.keepPart('call_1', 2, { mimeType: 'image/png; a=b', bytes });
    expect(part).toEqual({ file: join(folder, 'call_1.2.png'), mimeType: 'image/png', byteLength: 66 });
    if (part === null) return;
    expect(readFileSync(part.file)).toEqual(Buffer.from([0, 255, ...Buffer.from('*'.repeat(64))]));
    answers.drop(await answers.keep('call_1', answerOf('{}', 'application/json'), [part]));
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['text/html; charset=utf-8', '.html.txt'],
    ['application/json', '.json'],
    ['application/vnd.api+json', '.txt'],
    ['image/png', '.png'],
    ['application/x-msdownload', '.bin'],
    ['text/x-shellscript', '.txt'],
    ['../../evil', '.bin'],
    ['nonsense', '.bin'],
  ])('names a file of the type %s by its call and a harmless ending', async (type, ending) => {
    const { folder, answers } = newFolder();
    const { file } = await answers.keep('call_1', answerOf('x'.repeat(100), type));
    expect(file).toBe(join(folder, `call_1${ending}`));
    expect([lstatSync(folder).mode & 0o777, lstatSync(String(file)).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  it('shows bytes as text only where they are text', async () => {
    const { answers } = newFolder();
    const binary = await answers.keep('call_1', answerOf(new Uint8Array([1, 0, 2])));
    expect(binary).toMatchObject({ isText: false, shown: '', byteLength: 3 });
    expect(answers.readBytes(binary)).toEqual(Buffer.from([1, 0, 2]));
    const invalid = await answers.keep('call_2', answerOf(new Uint8Array([0xff, 0xfe])));
    expect(invalid.isText).toBe(false);
  });

  it.each([
    ['text/plain; charset=iso-8859-1', [0x5a, 0xfc, 0x72, 0x69], 'Züri'],
    ['text/plain;charset="UTF-16LE"', [0x5a, 0, 0xfc, 0], 'Zü'],
    ['text/plain; charset=nonsense', [0x5a, 0xc3, 0xbc], 'Zü'],
  ])('reads a text in its own encoding: %s', async (type, bytes, text) => {
    const { answers } = newFolder(2);
    const kept = await answers.keep('call_1', answerOf(new Uint8Array(bytes), type));
    expect(answers.readText(kept, 0, 100)).toBe(text);
    expect(kept.charLength).toBe(text.length);
  });

  it('gives a text back piece by piece, without splitting a character', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 21, maxLength: 200 }),
        fc.integer({ min: 2, max: 30 }),
        async (text, length) => {
          const { answers } = newFolder();
          const kept = await answers.keep('call_1', answerOf(text, 'text/plain'));
          let read = kept.shown;
          while (read.length < kept.charLength) {
            const part = answers.readText(kept, read.length, length);
            expect(part).not.toBe('');
            read += part;
          }
          expect(read).toBe(text);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('keeps 10 MiB of an endless answer, and gives the rest up', async () => {
    const { answers } = newFolder();
    let isCancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1_000_000).fill(65)),
      cancel: () => void (isCancelled = true),
    });
    const kept = await answers.keep('call_1', answerOf(endless, 'text/plain'));
    expect(kept).toMatchObject({ byteLength: MAX_ANSWER_BYTES, isCut: true, brokeOff: false });
    expect(isCancelled).toBe(true);
  });

  it('keeps what came of an answer that broke off: it was paid for', async () => {
    const { answers } = newFolder();
    let pulls = 0;
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) =>
        pulls++ === 0 ? controller.enqueue(Buffer.from('half')) : controller.error(new Error('gone')),
    });
    expect(await answers.keep('call_1', answerOf(broken, 'text/plain'))).toMatchObject({
      shown: 'half',
      brokeOff: true,
    });
  });

  it('holds a hundred answers, and lets the oldest go', async () => {
    const { folder, answers } = newFolder();
    mkdirSync(folder, { mode: 0o700 });
    for (let number = 0; number < 120; number++) {
      writeFileSync(join(folder, `old-${number}.txt`), 'x');
      utimesSync(join(folder, `old-${number}.txt`), 1000 + number, 1000 + number);
    }
    const { file } = await answers.keep('call_1', answerOf('x'.repeat(50), 'text/plain'));
    const names = readdirSync(folder);
    expect(names).toHaveLength(100);
    expect(existsSync(String(file))).toBe(true);
    expect(names).not.toContain('old-0.txt');
    expect(names).toContain('old-119.txt');
  });

  it('is no link to somewhere else', async () => {
    const { home, folder, answers } = newFolder();
    mkdirSync(join(home, 'elsewhere'));
    symlinkSync(join(home, 'elsewhere'), folder);
    await expect(answers.keep('call_1', answerOf(new Uint8Array(9), 'image/png'))).rejects.toThrow(
      expect.objectContaining({ code: 'MCP_NOT_KEPT', fundsMoved: 'yes' }),
    );
    // What was paid for is shown as far as it can be.
    const kept = await answers.keep('call_2', answerOf('x'.repeat(50), 'text/plain'));
    expect(kept).toMatchObject({ shown: 'x'.repeat(20), file: null, isCut: true, charLength: 20 });
    expect(readdirSync(join(home, 'elsewhere'))).toEqual([]);
  });

  it('says that an answer is gone when somebody took its file away', async () => {
    const { answers } = newFolder();
    const kept = await answers.keep('call_1', answerOf('x'.repeat(50), 'text/plain'));
    answers.drop(kept);
    expect(() => answers.readText(kept, 0, 10)).toThrow(expect.objectContaining({ code: 'MCP_ANSWER_GONE' }));
  });
});

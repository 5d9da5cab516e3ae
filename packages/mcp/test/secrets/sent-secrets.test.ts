import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSentSecrets, withoutSecrets } from '../../src/secrets/index.js';

const PREIMAGE = '0fa5'.repeat(16);
const MACAROON = Buffer.from(Array.from({ length: 120 }, (_, index) => (index * 89 + 251) % 256)).toString('base64');
const BYTES = Buffer.from(MACAROON, 'base64');

const knowing = (...values: unknown[]) => {
  const secrets = createSentSecrets();
  for (const value of values) secrets.note(value);
  return secrets;
};

describe('the proofs of payment that were sent', () => {
  it.each([
    ['the header whole', `L402 ${MACAROON}:${PREIMAGE}`],
    ['hex in small letters', PREIMAGE],
    ['hex in capitals', PREIMAGE.toUpperCase()],
    ['hex in both', PREIMAGE.replaceAll('a', 'A')],
    ['hex between other digits', `00${PREIMAGE}ff`],
    ['the preimage in base64', Buffer.from(PREIMAGE, 'hex').toString('base64')],
    ['the macaroon', MACAROON],
    ['without its padding', MACAROON.replace(/=+$/, '')],
    ['in the other alphabet', BYTES.toString('base64url')],
    ['in hex', BYTES.toString('hex')],
    ['in hex capitals', BYTES.toString('hex').toUpperCase()],
    ['with slashes as JSON may write them', MACAROON.replaceAll('/', String.raw`\/`)],
    ['as a URL writes it', encodeURIComponent(MACAROON)],
  ])('are recognised: %s', (_, written) => {
    const secrets = knowing(`L402 ${MACAROON}:${PREIMAGE}`);
    expect(secrets.strip(`<a> ${written} <b>`)).toMatch(/^<a> (?:L402 |00)?\[redacted\](?::\[redacted\]|ff|=)? <b>$/);
    expect(createSentSecrets().strip('<a> 1 <b>')).toBe('<a> 1 <b>');
  });

  it('are found in values of JSON, also where those are in base64', () => {
    const inner = Buffer.from(JSON.stringify({ payload: { preimage: PREIMAGE } })).toString('base64url');
    for (const secrets of [knowing({ credential: { preimage: PREIMAGE } }), knowing(`Payment ${inner}`)]) {
      expect(secrets.strip(PREIMAGE)).toBe('[redacted]');
    }
  });

  it('are recognised by their form where nobody noted them', () => {
    const { strip } = createSentSecrets();
    expect(strip(`see satway_credential_v1_${'Ab0_'.repeat(30)}.`)).toBe('see [redacted].');
    expect(strip(`authorization: LSAT ${MACAROON}:${PREIMAGE}`)).toBe('authorization: LSAT [redacted]');
  });

  it('leave everything else as it is: what was paid for may hold tokens of its own', () => {
    const secrets = knowing(`L402 ${MACAROON}:${PREIMAGE}`);
    for (const text of ['{"token":"sk_live_0123456789abcdef"}', 'ab'.repeat(32), 'L402 short', '']) {
      expect(secrets.strip(text)).toBe(text);
    }
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => secrets.strip(text) === text));
  });

  it('are remembered as long as many newer ones are not there, and no value that a stranger writes pushes them out', () => {
    const secrets = knowing(PREIMAGE);
    const many = Array.from({ length: 1000 }, (_, index) => `token-number-${index}`.padEnd(20, '-'));
    secrets.note(many.join(' '));
    secrets.note(Buffer.from(JSON.stringify(many)).toString('base64'));
    let deep: unknown = 'x'.repeat(40);
    for (let depth = 0; depth < 5000; depth++) deep = [deep];
    secrets.note(deep);
    expect(secrets.strip(PREIMAGE)).toBe('[redacted]');
    for (const each of many) secrets.note(each);
    expect(secrets.strip(PREIMAGE)).toBe(PREIMAGE);
  });
});

/** Of the largest answer that is kept. A step that grows with the square of this would not end. */
const LONG = 10 * 1024 * 1024;
const longOf = (unit: string): string => unit.repeat(Math.ceil(LONG / unit.length)).slice(0, LONG);
const handed = `satway_credential_v1_${'Ab0_'.repeat(30)}`;

describe('a long text of a stranger', () => {
  const many = Array.from({ length: 256 }, (_, index) => {
    const bytes = Buffer.alloc(250, `macaroon number ${index} `);
    return `L402 ${bytes.toString('base64')}:${String(index).padStart(4, '0').repeat(16)}`;
  });
  const secrets = knowing(`L402 ${MACAROON}:${PREIMAGE}`, ...many.slice(0, 100));

  it.each([
    ['one hex letter', 'a'],
    ['hex in both cases', 'aB09'],
    ['letters of base64', 'Zg+/'],
    ['signs of padding', '='],
    ['the scheme of a credential, again and again', 'L402 '],
    ['the scheme before letters', 'L402 zzzzzzzzzzzzzzzzzzzz'],
    ['the beginning of handed-over credentials', 'satway_credential_v1_'],
    ['the beginning of handed-over credentials and a dot', 'satway_credential_v1_.'],
    ['all but the end of a secret', MACAROON.slice(0, -1)],
    ['all but the beginning of a secret', MACAROON.slice(1, -2)],
    ['all but the beginning of a preimage', PREIMAGE.slice(1)],
    ['hex with blanks', `${'a1'.repeat(5000)} `],
  ])('is searched to its end: %s', (_, unit) => {
    const text = longOf(unit);
    const stripped = secrets.strip(`${text} ${PREIMAGE} ${handed} <b>`);
    expect(stripped.endsWith(' [redacted] [redacted] <b>')).toBe(true);
  });

  it.each([
    ['one hex letter behind the scheme', 'L402 ', 'a'],
    ['letters behind the scheme', 'L402 ', 'z'],
    ['letters behind the beginning of a handed-over credential', 'satway_credential_v1_', 'z'],
    ['dots behind the beginning of a handed-over credential', 'satway_credential_v1_', '.'],
    ['digits in the beginning of a handed-over credential', 'satway_credential_v', '1'],
  ])('is searched to its end: %s', (_, head, unit) => {
    expect(secrets.strip(`${head}${longOf(unit)} ${PREIMAGE}`).endsWith(' [redacted]')).toBe(true);
  });

  it('is searched to its end, also for secrets that a seller chose so that they are everywhere but for one letter', () => {
    const chosen = knowing(`L402 Z${'A'.repeat(7999)}:${PREIMAGE}`, `L402 ${'A'.repeat(7999)}Z:${PREIMAGE}`);
    expect(chosen.strip(`${longOf('A')} ${PREIMAGE}`).endsWith('AAAA [redacted]')).toBe(true);
    expect(chosen.strip(`${longOf('A')}Z ${PREIMAGE}`).endsWith('AAAA[redacted] [redacted]')).toBe(true);
  });

  it('is no secret itself where it is longer than anything that is sent, and is taken without harm', () => {
    const noted = knowing(longOf('a'), longOf('a='), { deep: longOf('Zg+/') }, PREIMAGE);
    expect(noted.strip(`aaaa ${PREIMAGE}`)).toBe('aaaa [redacted]');
    expect(knowing(`${'='.repeat(200_000)}a`, PREIMAGE).strip(PREIMAGE)).toBe('[redacted]');
  });

  it('loses secrets that share letters whole, and is as long as before where that is asked for', () => {
    const [p, q, r] = ['pP0-'.repeat(5), 'qQ1-'.repeat(5), 'rR2-'.repeat(5)];
    const sharing = knowing(`${p}${q}`, `${q}${r}`, `<${q}>`);
    expect(sharing.strip(`a ${p}${q}${r} b ${q}${r} c ${p}${q}`)).toBe('a [redacted] b [redacted] c [redacted]');
    expect(sharing.strip(`a ${p}${q}${r} b`, (secret) => '*'.repeat(secret.length))).toBe(`a ${'*'.repeat(60)} b`);
    expect(knowing(q, `${p}${q}${r}`).strip(`a ${p}${q}${r} b`)).toBe('a [redacted] b');
    const repeated = knowing('A'.repeat(200_000));
    expect(repeated.strip(`${longOf('A')} ${'A'.repeat(199_999)}`)).toBe(`[redacted] ${'A'.repeat(199_999)}`);
  });

  it('loses a secret wherever it stands, as often as it stands there, and nothing else', () => {
    const words = fc.constantFrom(
      MACAROON,
      PREIMAGE,
      PREIMAGE.toUpperCase(),
      MACAROON.slice(3),
      'a',
      'F',
      'é',
      '\u{1f600}',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
        const text = parts.join('|');
        const isSecret = (part: string) => part === MACAROON || part.toLowerCase() === PREIMAGE;
        expect(secrets.strip(text)).toBe(parts.map((part) => (isSecret(part) ? '[redacted]' : part)).join('|'));
      }),
    );
  });
});

describe('a value of JSON', () => {
  const secrets = knowing(`L402 ${MACAROON}:${PREIMAGE}`, 'u001fAAAAAAAAAAAAAAAAAAAA', '1234567890123456');

  it('keeps its form without them, names of fields included, whatever a secret looks like', () => {
    const value = {
      [PREIMAGE]: ['a', { b: MACAROON }],
      ['__proto__']: null,
      n: 1_234_567_890_123_456,
      control: '\u001fAAAAAAAAAAAAAAAAAAAA',
      yes: true,
    };
    expect(withoutSecrets(secrets, value)).toEqual({
      '[redacted]': ['a', { b: '[redacted]' }],
      ['__proto__']: null,
      n: 1_234_567_890_123_456,
      control: '\u001fAAAAAAAAAAAAAAAAAAAA',
      yes: true,
    });
  });

  it('is not shown where it is nested too deep to be searched', () => {
    let deep: unknown = PREIMAGE;
    for (let depth = 0; depth < 100_000; depth++) deep = [deep];
    const shown = JSON.stringify(withoutSecrets(secrets, deep));
    expect(shown).toContain('["[redacted]"]');
    expect(shown).not.toContain(PREIMAGE);
  });
});

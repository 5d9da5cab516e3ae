import {
  type Challenge,
  challengeBody,
  formatL402Challenge,
  parseChallengeBody,
  parseChallenges,
} from '@satway/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const INVOICE = 'lnbcrt50n1pexample';

/** Scheme, macaroon and invoice of each challenge, the way a client sees them. */
function seen(...lines: string[]): unknown[] {
  return parseChallenges(lines).map((challenge: Challenge) => {
    if (challenge.scheme === 'other') return challenge.name;
    if (challenge.scheme === 'Payment') return ['Payment', challenge.id, challenge.request];
    return [challenge.scheme, challenge.macaroonText, challenge.invoice];
  });
}

describe('formatL402Challenge', () => {
  it('writes the line to the letter', () => {
    expect(formatL402Challenge({ macaroonText: 'AgEE+/8=', invoice: INVOICE })).toBe(
      'L402 macaroon="AgEE+/8=", invoice="lnbcrt50n1pexample", version="0", token="AgEE+/8="',
    );
  });

  it.each([
    ['', INVOICE],
    ['Ag"', INVOICE],
    ['Ag\r\nX-Evil: 1', INVOICE],
    ['Ag==', ''],
    ['Ag==', 'lnbc1"'],
    ['Ag==', 'lnbc1\r\n\r\nbody'],
    ['Ag==', 'lnbc1, token=x'],
  ])('refuses %j with %j', (macaroonText, invoice) => {
    expect(() => formatL402Challenge({ macaroonText, invoice })).toThrow(
      expect.objectContaining({ code: 'CHALLENGE_NOT_ENCODABLE' }),
    );
  });

  it('writes what is read again', () => {
    fc.assert(
      fc.property(
        fc.base64String({ minLength: 4 }),
        fc.stringMatching(/^lnbc[a-z0-9]{1,50}$/),
        (macaroonText, invoice) => {
          expect(seen(formatL402Challenge({ macaroonText, invoice }))).toEqual([['L402', macaroonText, invoice]]);
        },
      ),
    );
  });
});

describe('challengeBody', () => {
  it('has every field of the wire format, satoshis rounded up', () => {
    const offer = { macaroonText: 'AgEE', invoice: INVOICE, paymentHashHex: 'ab'.repeat(32), amountMsat: 1_001 };
    expect(challengeBody({ ...offer, expiresAtMs: 1_795_263_600_000 })).toEqual({
      type: 'https://paymentauth.org/problems/payment-required',
      title: 'Payment Required',
      status: 402,
      detail: 'Pay the invoice, then send the same request with "Authorization: L402 <macaroon>:<preimage>".',
      error: 'Payment Required',
      code: 'payment_required',
      macaroon: 'AgEE',
      invoice: INVOICE,
      paymentRequest: INVOICE,
      paymentHash: 'ab'.repeat(32),
      amountSats: 2,
      priceSats: 2,
      price_sats: 2,
      expiresAt: '2026-11-21T12:20:00.000Z',
    });
  });

  it('is read again by a client, with the price that it names', () => {
    const body = challengeBody({
      macaroonText: 'AgEE',
      invoice: INVOICE,
      paymentHashHex: 'ab'.repeat(32),
      amountMsat: 250,
      expiresAtMs: 1_795_263_600_000,
    });
    expect(parseChallengeBody(JSON.stringify(body))).toEqual({
      macaroonText: 'AgEE',
      invoice: INVOICE,
      advertisedMsat: 1000,
      contradictsItself: false,
    });
  });
});

describe('parseChallenges', () => {
  const EXPECTED = [['L402', 'AgEE==', INVOICE]];

  it.each([
    [`L402 macaroon="AgEE==", invoice="${INVOICE}"`],
    [`L402 invoice="${INVOICE}", macaroon="AgEE=="`],
    [`L402 token="AgEE==", invoice="${INVOICE}", version="0"`],
    [`L402 version="0", token="AgEE==", macaroon="AgEE==", invoice="${INVOICE}"`],
    [`l402 MACAROON="AgEE==",INVOICE="${INVOICE}"`],
    [`L402 macaroon=AgEE==, invoice=${INVOICE}`],
    [`L402 macaroon=AgEE==,invoice=${INVOICE}`],
    [`L402 macaroon = "AgEE==" , invoice\t=\t"${INVOICE}"`],
    [`L402 macaroon="AgEE==" invoice="${INVOICE}"`],
    [`L402 macaroon="A\\gE\\E==", invoice="${INVOICE}"`],
    [`L402 macaroon="AgEE==", invoice="lightning:${INVOICE}"`],
    [`, , L402 macaroon="AgEE==",, invoice="${INVOICE}", `],
    [`L402 macaroon="AgEE==", invoice="${INVOICE}", realm="a, L402 macaroon=\\"x\\""`],
    [`L402 macaroon="AgEE==", macaroon="AgEE==", invoice="${INVOICE}"`],
  ])('reads %s', (line) => {
    expect(seen(line)).toEqual(EXPECTED);
  });

  it('reads several challenges, folded into one line or in lines of their own', () => {
    const lsat = `LSAT macaroon="AgEE==", invoice="${INVOICE}"`;
    const l402 = `L402 macaroon="AgEE==", invoice="${INVOICE}"`;
    const payment =
      'Payment id="i", realm="r", method="lightning", intent="charge", request="e30", expires="e", opaque="o"';
    const all = [['LSAT', 'AgEE==', INVOICE], ...EXPECTED, ['Payment', 'i', 'e30']];
    expect(seen(`${lsat}, ${l402}, ${payment}`)).toEqual(all);
    expect(seen(lsat, l402, payment)).toEqual(all);
    expect(seen(`Basic realm="x", charset="UTF-8", ${l402}`)).toEqual(['Basic', ...EXPECTED]);
    expect(seen(`Negotiate, ${l402}, Bearer`)).toEqual(['Negotiate', ...EXPECTED, 'Bearer']);
    expect(seen(`Negotiate YII/+x==, ${l402}`)).toEqual(['Negotiate', ...EXPECTED]);
  });

  it('gives every part of a Payment challenge', () => {
    const [payment] = parseChallenges([
      'payment ID="i", realm="r", method="lightning", intent="charge", request="e30", expires="2026", opaque="o", digest="d", extra="x"',
    ]);
    expect(payment).toMatchObject({
      scheme: 'Payment',
      id: 'i',
      realm: 'r',
      method: 'lightning',
      intent: 'charge',
      request: 'e30',
      expires: '2026',
      opaque: 'o',
      digest: 'd',
    });
    expect(payment?.params.get('extra')).toBe('x');
  });

  it('says where a part is missing', () => {
    expect(seen('L402 macaroon="AgEE"')).toEqual([['L402', 'AgEE', null]]);
    expect(seen(`L402 invoice="${INVOICE}"`)).toEqual([['L402', null, INVOICE]]);
    expect(seen('L402 macaroon="", invoice=""')).toEqual([['L402', null, null]]);
    expect(seen('L402')).toEqual([['L402', null, null]]);
  });

  it('never finds a parameter that is not there', () => {
    const [challenge] = parseChallenges(['L402 __proto__="x", constructor="y"']);
    expect(challenge).toMatchObject({ macaroonText: null, invoice: null });
    expect(challenge?.params.get('constructor')).toBe('y');
    expect(challenge?.params.has('toString')).toBe(false);
  });

  it.each([
    ['two macaroons', `L402 macaroon="A", macaroon="B", invoice="${INVOICE}"`],
    ['two invoices', 'L402 macaroon="A", invoice="lnbc1a", invoice="lnbc1b"'],
    ['two invoices in two cases', 'L402 macaroon="A", invoice="lnbc1a", INVOICE="lnbc1b"'],
    ['a token that is not the macaroon', `L402 macaroon="A", token="B", invoice="${INVOICE}"`],
    ['a quote that does not end', `L402 macaroon="A", invoice="${INVOICE}`],
    ['a backslash at the end', `L402 macaroon="A", invoice="${INVOICE}\\`],
    ['a line break', `L402 macaroon="A",\r\n invoice="${INVOICE}"`],
    ['a NUL', `L402 macaroon="A\u0000", invoice="${INVOICE}"`],
    ['too many parameters', `L402 ${Array.from({ length: 65 }, (_, index) => `p${index}=1`).join(', ')}, macaroon="A"`],
    ['more than 64 KiB', `L402 macaroon="${'A'.repeat(65_536)}"`],
  ])('leaves out a challenge with %s', (_, line) => {
    expect(seen(line)).toEqual([]);
  });

  it('keeps the challenges before one that cannot be read', () => {
    expect(seen(`L402 macaroon="AgEE==", invoice="${INVOICE}", LSAT macaroon="x`)).toEqual(EXPECTED);
    expect(seen(`L402 macaroon="AgEE==", invoice="${INVOICE}", @@@`)).toEqual(EXPECTED);
  });

  it('counts no more than 64 challenges', () => {
    expect(seen(Array.from({ length: 1000 }, () => 'L402 a=b').join(', '))).toHaveLength(64);
    expect(seen(...Array.from({ length: 1000 }, () => 'Basic'))).toHaveLength(64);
  });

  it('answers any lines with a list', () => {
    const pieces = fc.constantFrom(
      'L402',
      'macaroon',
      'invoice',
      '=',
      '"',
      '\\',
      ',',
      ' ',
      '\t',
      'AgEE==',
      'a',
      'Payment',
      '\u0000',
      'é',
    );
    const lines = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 4 }), (all) => {
        expect(Array.isArray(parseChallenges(all))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['blanks', `L402 a${' '.repeat(60_000)}b`],
    ['commas', `L402 ${','.repeat(60_000)}`],
    ['words', 'a '.repeat(30_000)],
    ['names without values', `L402 ${'a='.repeat(30_000)}`],
    ['backslashes', `L402 a="${'\\'.repeat(60_000)}`],
    ['quotes', `L402 a=${'"'.repeat(60_000)}`],
    ['digits of a token68', `L402 ${'a'.repeat(60_000)}@`],
    ['paddings', `L402 ${'a=== '.repeat(12_000)}@`],
  ])('comes to an end on sixty thousand %s, many lines of it', (_, line) => {
    expect(parseChallenges(Array.from({ length: 64 }, () => line)).length).toBeLessThanOrEqual(64);
  });
});

describe('parseChallengeBody', () => {
  it.each([
    [{ macaroon: 'AgEE', invoice: INVOICE }],
    [{ token: 'AgEE', paymentRequest: INVOICE }],
    [{ macaroon: 'AgEE', payment_request: `lightning:${INVOICE}` }],
    [{ l402: { macaroon: 'AgEE', invoice: INVOICE } }],
    [{ error: 'x', data: { macaroon: 'AgEE', pr: INVOICE } }],
    [{ challenge: { token: 'AgEE', bolt11: INVOICE } }],
    [{ challenge: `L402 macaroon="AgEE", invoice="${INVOICE}"` }],
    [{ 'WWW-Authenticate': `LSAT macaroon="AgEE", invoice="${INVOICE}"` }],
    [{ _meta: { 'dev.satway/challenge': { token: 'AgEE', invoice: INVOICE } } }],
    [{ jsonrpc: '2.0', id: 1, result: { _meta: { 'org.example/challenge': { token: 'AgEE', invoice: INVOICE } } } }],
  ])('reads %j', (body) => {
    expect(parseChallengeBody(JSON.stringify(body))).toMatchObject({ macaroonText: 'AgEE', invoice: INVOICE });
  });

  it('reads the text of a header alone', () => {
    const body = parseChallengeBody(`\n L402 macaroon="AgEE", invoice="${INVOICE}"\n`);
    expect(body).toMatchObject({ macaroonText: 'AgEE', invoice: INVOICE, advertisedMsat: null });
  });

  it.each([
    [{ priceSats: 5 }, 5000],
    [{ amountSats: '5' }, 5000],
    [{ price_sats: 0.25 }, 250],
    [{ amountMsat: 250 }, 250],
    [{ price: 5 }, 5000],
    [{ price: '$0.01', amountSats: 3 }, 3000],
    [{ price: 0.01, currency: 'USD', amountSats: 3 }, 3000],
    [{ amount: 4, currency: 'SAT' }, 4000],
    [{ priceSats: 1, amountSats: 250_000 }, 1000],
    [{ amountSats: 250_000, l402: { price_sats: 1 } }, 1000],
    [{ amountSats: 5, _meta: { 'dev.satway/challenge': { amountMsat: 1000 } } }, 1000],
    [{ result: { _meta: { 'dev.satway/challenge': { amountMsat: 1000 } } } }, 1000],
    [{ priceSats: 'cheap' }, 0],
    [{ priceSats: '1e3' }, 0],
    [{ priceSats: '+1' }, 0],
    [{ priceSats: '05' }, 0],
    [{ priceSats: {} }, 0],
    [{ priceSats: true }, 0],
    [{ priceSats: null, amountSats: 7 }, 7000],
  ])('advertises the lowest price of %j', (body, msat) => {
    expect(parseChallengeBody(JSON.stringify(body))?.advertisedMsat).toBe(msat);
  });

  it('tells when a body names two prices', () => {
    expect(parseChallengeBody('{"priceSats":1,"amountSats":2}')?.contradictsItself).toBe(true);
    expect(parseChallengeBody('{"priceSats":1,"amountMsat":1000}')?.contradictsItself).toBe(false);
  });

  it.each([
    [''],
    ['null'],
    ['[]'],
    ['"L402"'],
    ['{}'],
    ['{"error":"payment required"}'],
    ['payment required'],
    ['{"macaroon":1,"invoice":{}}'],
    ['{"__proto__":{"macaroon":"A","invoice":"B"}}'],
    ['{"macaroon":"","invoice":""}'],
    ['['.repeat(200_000)],
    [`{"macaroon":"${'A'.repeat(262_144)}"}`],
  ])('finds nothing in %.40s', (text) => {
    expect(parseChallengeBody(text)).toBeNull();
  });

  it('reads nothing from a prototype that somebody else has spoilt', () => {
    // oxlint-disable-next-line no-extend-native -- what a spoilt dependency does
    Object.defineProperty(Object.prototype, 'invoice', { value: INVOICE, configurable: true });
    try {
      expect(parseChallengeBody('{"macaroon":"AgEE"}')).toMatchObject({ macaroonText: 'AgEE', invoice: null });
    } finally {
      Reflect.deleteProperty(Object.prototype, 'invoice');
    }
  });

  it('answers any text and any JSON', () => {
    const bodies = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc
        .dictionary(fc.constantFrom('macaroon', 'invoice', 'priceSats', 'price', 'l402', '__proto__'), fc.jsonValue())
        .map((body) => JSON.stringify(body)),
    );
    fc.assert(
      fc.property(bodies, (text) => {
        const body = parseChallengeBody(text);
        expect(body === null || body.advertisedMsat === null || !Number.isNaN(body.advertisedMsat)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

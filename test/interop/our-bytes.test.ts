import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { parseL402 } from '@getalby/lightning-tools/402/l402';
import {
  attenuate,
  type Challenge,
  decodeMacaroonText,
  encodeMacaroonText,
  parseChallengeBody,
  parseChallenges,
} from '@satway/protocol';
import assert from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import { openShop } from './support/gateway.js';
import { openLightning, serveLndRest } from './support/lightning.js';
import { createRestWallet } from './support/rest-wallet.js';

interface RealChallenge {
  readonly line: string;
  readonly body: string;
  readonly macaroonText: string;
  readonly invoice: string;
}

const PATH = '/v1/forecast/bern';

/** Our gateway's own 402, and how to pay it. */
async function askForPrice() {
  const lightning = openLightning();
  const lnd = await serveLndRest(lightning.network);
  const shop = await openShop(lnd);
  const answer = await fetch(`${shop.url}${PATH}`);
  const line = answer.headers.get('www-authenticate') ?? '';
  const [, macaroonText = '', invoice = ''] = /macaroon="([^"]+)", invoice="([^"]+)"/.exec(line) ?? [];
  const real: RealChallenge = { line, body: await answer.text(), macaroonText, invoice };
  const pay = async (): Promise<string> => (await createRestWallet(lnd).payInvoice({ invoice })).preimage;
  return { lightning, shop, answer, real, pay };
}

function payable(lines: readonly string[]): (Challenge & { scheme: 'L402' | 'LSAT' })[] {
  return parseChallenges(lines).flatMap((one) => (one.scheme === 'L402' || one.scheme === 'LSAT' ? [one] : []));
}

describe('our 402', () => {
  it('has the first line that deployed clients need, to the letter', async () => {
    const { answer, real } = await askForPrice();
    expect(answer.status).toBe(402);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    const { macaroonText, invoice } = real;
    expect(real.line).toBe(
      `L402 macaroon="${macaroonText}", invoice="${invoice}", version="0", token="${macaroonText}"`,
    );
  });

  it('is read by lightning-tools', async () => {
    const { real } = await askForPrice();
    expect(parseL402(real.line)).toMatchObject({ token: real.macaroonText, invoice: real.invoice });
  });

  it('says the same in its body, under every name that older clients look for', async () => {
    const { real } = await askForPrice();
    const { macaroonText, invoice } = real;
    const body: unknown = JSON.parse(real.body);
    expect(body).toMatchObject({ status: 402, macaroon: macaroonText, invoice, paymentRequest: invoice });
    expect(body).toMatchObject({
      amountSats: 5,
      priceSats: 5,
      price_sats: 5,
      paymentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(parseChallengeBody(real.body)).toMatchObject({ macaroonText, invoice, advertisedMsat: 5_000 });
  });
});

const rewritten: readonly (readonly [rule: string, rewrite: (real: RealChallenge) => readonly string[]])[] = [
  ['as it stands', ({ line }) => [line]],
  ['folded behind other schemes', ({ line }) => [`Bearer realm="a, b", Payment id="x", method="lightning", ${line}`]],
  ['folded before other schemes', ({ line }) => [`${line}, Basic realm="x", Negotiate`]],
  [
    'in another order',
    ({ macaroonText, invoice }) => [
      `L402 token="${macaroonText}", version="0", invoice="${invoice}", macaroon="${macaroonText}"`,
    ],
  ],
  [
    'with token= alone',
    ({ macaroonText, invoice }) => [`L402 version="0", token="${macaroonText}", invoice="${invoice}"`],
  ],
  ['with macaroon= alone', ({ macaroonText, invoice }) => [`L402 macaroon="${macaroonText}", invoice="${invoice}"`]],
  [
    'with LSAT before it',
    ({ line, macaroonText, invoice }) => [`LSAT macaroon="${macaroonText}", invoice="${invoice}"`, line],
  ],
  [
    'with LSAT folded before it',
    ({ line, macaroonText, invoice }) => [`LSAT macaroon="${macaroonText}", invoice="${invoice}", ${line}`],
  ],
  ['with bare values', ({ macaroonText, invoice }) => [`L402 macaroon=${macaroonText}, invoice=${invoice}`]],
  [
    'with quoted pairs',
    ({ line }) => [line.replaceAll(/"([^"]*)"/g, (_, value: string) => `"${value.replaceAll(/./g, '\\$&')}"`)],
  ],
];

describe('our challenge', () => {
  it.each(rewritten)('is read the same %s', async (_rule, rewrite) => {
    const { real } = await askForPrice();
    const challenges = payable(rewrite(real));
    expect(challenges.length).toBeGreaterThan(0);
    for (const challenge of challenges) {
      expect(challenge).toMatchObject({ macaroonText: real.macaroonText, invoice: real.invoice });
    }
  });
});

interface Paid {
  readonly macaroonText: string;
  readonly preimage: string;
}

const credentials: readonly (readonly [rule: string, write: (paid: Paid) => string])[] = [
  ['as it was sold', ({ macaroonText, preimage }) => `L402 ${macaroonText}:${preimage}`],
  ['under the old name', ({ macaroonText, preimage }) => `LSAT ${macaroonText}:${preimage}`],
  ['in lower case', ({ macaroonText, preimage }) => `l402 ${macaroonText}:${preimage}`],
  ['with the preimage in upper case', ({ macaroonText, preimage }) => `L402 ${macaroonText}:${preimage.toUpperCase()}`],
  ['without padding', ({ macaroonText, preimage }) => `L402 ${macaroonText.replace(/=+$/, '')}:${preimage}`],
  ['in URL-safe base64', ({ macaroonText, preimage }) => `L402 ${urlSafe(macaroonText)}:${preimage}`],
  [
    'with the preimage as a caveat, as lnget adds it',
    ({ macaroonText, preimage }) => `L402 ${withCaveat(macaroonText, `preimage=${preimage}`)}:${preimage}`,
  ],
];

function urlSafe(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}

function withCaveat(macaroonText: string, caveat: string): string {
  const read = decodeMacaroonText(macaroonText);
  assert(read.ok);
  return encodeMacaroonText(attenuate(read.value.macaroon, [caveat]));
}

/** Sends each value as an `Authorization` line of its own, which `fetch` would fold into one. */
async function statusOf(url: string, authorizations: readonly string[]): Promise<number | undefined> {
  const sent = request(url, { headers: { authorization: [...authorizations] as unknown as string } }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

describe('our credential', () => {
  it.each(credentials)('is honoured %s, once', async (_rule, write) => {
    const { shop, real, pay } = await askForPrice();
    const authorization = write({ macaroonText: real.macaroonText, preimage: await pay() });
    const first = await fetch(`${shop.url}${PATH}`, { headers: { authorization } });
    const second = await fetch(`${shop.url}${PATH}`, { headers: { authorization } });
    expect([first.status, second.status]).toEqual([200, 402]);
    expect(shop.served()).toBe(1);
  });

  it('is refused, unspent, when it comes twice or in company', async () => {
    const { shop, real, pay } = await askForPrice();
    const good = `L402 ${real.macaroonText}:${await pay()}`;
    const lists = [
      [good, good],
      [good, 'Bearer other'],
      ['Bearer other', good],
    ];
    for (const list of lists) expect(await statusOf(`${shop.url}${PATH}`, list)).toBeGreaterThanOrEqual(400);
    expect(
      await statusOf(`${shop.url}${PATH}`, [`L402 ${real.macaroonText},${real.macaroonText}:${'0'.repeat(64)}`]),
    ).toBe(402);
    expect(shop.served()).toBe(0);
    expect(await statusOf(`${shop.url}${PATH}`, [good])).toBe(200);
  });

  it('is refused in every form before it is paid, with a fresh challenge', async () => {
    const { lightning, shop, real } = await askForPrice();
    for (const [, write] of credentials) {
      const authorization = write({ macaroonText: real.macaroonText, preimage: '00'.repeat(32) });
      const answer = await fetch(`${shop.url}${PATH}`, { headers: { authorization } });
      expect(answer.status).toBe(402);
      expect(answer.headers.get('www-authenticate')).toMatch(/^L402 macaroon="/);
    }
    expect(shop.served()).toBe(0);
    expect(lightning.paymentCount()).toBe(0);
  });
});

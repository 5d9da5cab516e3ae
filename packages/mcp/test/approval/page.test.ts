import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openApprovalDesk } from '../../src/approval/index.js';
import { openApprovalPage } from '../../src/approval/page/index.js';
import { askedIn, type requestOf, temporaryStore } from './scene.js';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

type Headers = Record<string, string>;

const without = (headers: Headers, left: string): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name !== left));

/** One request with exactly these headers. */
function ask(address: string, method = 'GET', headers: Headers = {}, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(address, { method, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function openQuestion(changes: Parameters<typeof requestOf>[0] = {}) {
  const store = temporaryStore();
  const approval = askedIn(store, changes);
  const page = openApprovalPage({ store });
  onTestFinished(() => page.close());
  return { store, approval, page, address: await page.addressFor(approval) };
}

/** What a browser sends with the form of the page it was shown. */
function formOf({ text, headers }: Answer, address: string, decision: string): { headers: Headers; body: string } {
  const csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const cookie = String(headers['set-cookie']).split(';')[0] ?? '';
  const type = 'application/x-www-form-urlencoded';
  return {
    headers: { cookie, origin: new URL(address).origin, 'sec-fetch-site': 'same-origin', 'content-type': type },
    body: new URLSearchParams({ csrf, decision }).toString(),
  };
}

/** What the page's server says to bytes as they are. */
async function sendRaw(address: string, head: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  await once(socket, 'close');
  return text;
}

describe('the approval page', () => {
  it.each([
    ['a head that is none', ['GET / HTTP/1.1', 'Host: a', 'bad header']],
    ['no Host', ['GET / HTTP/1.1']],
    ['a head that is too long', ['GET / HTTP/1.1', 'Host: a', `X: ${'a'.repeat(20_000)}`]],
    ['an expectation', ['POST / HTTP/1.1', 'Host: a', 'Expect: 100-continue', 'Content-Length: 2']],
  ])('gives every answer its headers and asks nobody to go on unseen: %s', async (_, head) => {
    const { address } = await openQuestion();
    const answer = await sendRaw(address, head);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    for (const name of ['Content-Security-Policy', 'X-Frame-Options', 'X-Content-Type-Options', 'Cache-Control']) {
      expect(answer).toContain(`\r\n${name}: `);
    }
  });

  it('shows price, payee, request, invoice and its QR code, and takes a yes', async () => {
    const { store, approval, address } = await openQuestion();
    const shown = await ask(address);
    expect(shown.status).toBe(200);
    for (const part of [
      '2,000 sats',
      approval.payeeHex,
      'GET https://api.example/v1/report?year=2026',
      approval.invoice,
    ])
      expect(shown.text).toContain(part);
    expect(shown.text).toContain('<svg');
    const { headers, body } = formOf(shown, address, 'yes');
    expect(await ask(address, 'POST', headers, body)).toMatchObject({ status: 200 });
    expect(store.approvals.get(approval.approvalId)).toMatchObject({
      state: 'approved',
      decidedBy: 'the page on 127.0.0.1',
    });
  });

  it('takes a no', async () => {
    const { store, approval, address } = await openQuestion();
    const { headers, body } = formOf(await ask(address), address, 'no');
    await ask(address, 'POST', headers, body);
    expect(store.approvals.get(approval.approvalId)?.state).toBe('denied');
  });

  it('takes one answer: the address is dead afterwards', async () => {
    const { address } = await openQuestion();
    const { headers, body } = formOf(await ask(address), address, 'no');
    await ask(address, 'POST', headers, body);
    expect((await ask(address, 'POST', headers, body)).status).toBe(404);
    expect((await ask(address, 'GET', { cookie: headers['cookie'] ?? '' })).status).toBe(404);
  });

  it('opens in one browser only', async () => {
    const { store, approval, address } = await openQuestion();
    const { headers } = formOf(await ask(address), address, 'yes');
    const second = await ask(address);
    expect(second.status).toBe(410);
    expect(second.text).not.toContain('csrf');
    expect((await ask(address, 'GET', { cookie: headers['cookie'] ?? '' })).status).toBe(200);
    expect(store.approvals.get(approval.approvalId)?.state).toBe('pending');
  });

  it('is over when the question was decided elsewhere', async () => {
    const { store, approval, address } = await openQuestion();
    const { headers, body } = formOf(await ask(address), address, 'yes');
    store.approvals.decide(approval.approvalId, 'no', 'me');
    expect((await ask(address, 'POST', headers, body)).status).toBe(410);
    expect((await ask(address)).status).toBe(410);
    expect(store.approvals.get(approval.approvalId)?.state).toBe('denied');
  });

  const tampering: [string, (form: { headers: Headers; body: string }) => { headers: Headers; body: string }][] = [
    ['without the token of its form', ({ headers }) => ({ headers, body: 'decision=yes' })],
    ['with another token', ({ headers }) => ({ headers, body: `csrf=${'A'.repeat(43)}&decision=yes` })],
    ['from another origin', ({ headers, body }) => ({ headers: { ...headers, origin: 'https://evil.example' }, body })],
    ['from an origin that hides itself', ({ headers, body }) => ({ headers: { ...headers, origin: 'null' }, body })],
    ['without an origin', ({ headers, body }) => ({ headers: without(headers, 'origin'), body })],
    [
      'that a browser calls cross-site',
      ({ headers, body }) => ({ headers: { ...headers, 'sec-fetch-site': 'cross-site' }, body }),
    ],
    ['without the cookie', ({ headers, body }) => ({ headers: without(headers, 'cookie'), body })],
    [
      'under another name of this address',
      ({ headers, body }) => ({ headers: { ...headers, host: 'rebound.example' }, body }),
    ],
    ['that says neither yes nor no', ({ headers, body }) => ({ headers, body: body.replace('yes', 'maybe') })],
    ['that says both', ({ headers, body }) => ({ headers, body: `${body}&decision=no` })],
    ['of more than 4 KB', ({ headers, body }) => ({ headers, body: `${body}&x=${'x'.repeat(5000)}` })],
  ];
  it.each(tampering)('takes no form %s', async (_, tamper) => {
    const { store, approval, address } = await openQuestion();
    const { headers, body } = tamper(formOf(await ask(address), address, 'yes'));
    expect((await ask(address, 'POST', headers, body)).status).toBeGreaterThanOrEqual(400);
    expect(store.approvals.get(approval.approvalId)?.state).toBe('pending');
  });

  it('shows nothing under another name of this address', async () => {
    const { address } = await openQuestion();
    const answer = await ask(address, 'GET', { host: `rebound.example:${new URL(address).port}` });
    expect([answer.status, answer.text.includes('csrf')]).toEqual([403, false]);
  });

  it('tells nothing at any other address, and takes no other method', async () => {
    const { address, approval } = await openQuestion();
    for (const path of ['/', '/approve', '/approve/', `/approve/${approval.approvalId}`, `/approve/${'A'.repeat(43)}`])
      expect((await ask(new URL(path, address).href)).status).toBe(404);
    expect((await ask(address, 'PUT')).status).toBe(405);
    expect((await ask(address, 'HEAD')).status).toBe(405);
  });

  it('is framed, cached and read by nobody, and runs no script', async () => {
    const { address } = await openQuestion();
    const { headers } = await ask(address);
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'nonce-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
      ),
      'set-cookie': [expect.stringMatching(/; HttpOnly; SameSite=Strict; Path=\/approve\//)],
    });
  });

  it('shows a stranger’s words as text', async () => {
    const description = '<script>fetch("//evil.example")</script><form><button name="decision" value="yes">Cancel';
    const url = 'https://api.example/%3Cb%3E?"><script>';
    const { address } = await openQuestion({ description, url });
    const { text } = await ask(address);
    expect(text).not.toContain('<script');
    expect(text.match(/<form/g)).toHaveLength(1);
    expect(text).toContain('&lt;script&gt;');
  });

  it('has addresses that nobody guesses and that differ each time', async () => {
    const { page, approval, address } = await openQuestion();
    const other = await page.addressFor(approval);
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/approve\/[\w-]{43}$/);
    expect(other).not.toBe(address);
    expect(new URL(other).port).toBe(new URL(address).port);
  });

  it('gives out a bounded number of addresses', async () => {
    const { page, approval } = await openQuestion();
    for (let number = 1; number < 64; number++) await page.addressFor(approval);
    await expect(page.addressFor(approval)).rejects.toMatchObject({ code: 'APPROVALS_FULL' });
  });

  it('listens on 127.0.0.1 only, and on nothing after it was closed', async () => {
    const { page, address } = await openQuestion();
    await page.close();
    await expect(ask(address)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('lets go of a connection that sends its head too slowly', async () => {
    const { address } = await openQuestion();
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.on('data', () => undefined);
    socket.write('GET /approve/ HTTP/1.1\r\nHost: 127');
    await ended;
  }, 60_000);
});

describe('the approval desk', () => {
  it('tells the person, on its own line of sight, the command and a page', async () => {
    const store = temporaryStore();
    const lines: string[] = [];
    let opened: () => void = () => undefined;
    const open = new Promise<void>((resolve) => (opened = resolve));
    const desk = openApprovalDesk({
      store,
      page: true,
      tell: (line) => {
        lines.push(line);
        if (lines.length === 2) opened();
      },
    });
    onTestFinished(() => desk.close());
    const approval = askedIn(store);
    desk.announce(approval);
    await open;
    expect(lines[0]).toContain(`satway approve ${approval.approvalId}`);
    const address = /http:\S+/.exec(lines[1] ?? '')?.[0] ?? '';
    expect((await ask(address)).status).toBe(200);
  });

  it('opens no port where no page is wanted', async () => {
    const store = temporaryStore();
    const lines: string[] = [];
    const desk = openApprovalDesk({ store, page: false, tell: (line) => lines.push(line) });
    desk.announce(askedIn(store));
    await desk.close();
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('http:');
  });
});

import { createHmac } from 'node:crypto';
import { createEgress } from '@satway/egress';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createWebhook, type Webhook } from '../../src/anomaly/webhook.js';
import { L402Client } from '../../src/index.js';
import { openLightning } from '../support/lightning.js';
import { type Handler, type SeenRequest, startSeller, startServer } from '../support/seller.js';
import { temporaryStore } from '../temporary-store.js';

const SECRET = 'a secret of the webhook';

interface Scene {
  readonly webhook: Webhook;
  readonly seen: SeenRequest[];
  readonly waits: number[];
  readonly givenUp: [string, string][];
}

/** A webhook to a server that answers as it is told; waits are noted and over at once. */
async function open(
  handler: Handler,
  more: { maxQueued?: number; timeoutMs?: number; pauses?: boolean } = {},
): Promise<Scene> {
  const { url, seen } = await startServer(handler);
  const egress = createEgress();
  onTestFinished(() => egress.close());
  const waits: number[] = [];
  const givenUp: [string, string][] = [];
  const { maxQueued = 100, timeoutMs = 5000, pauses = false } = more;
  const webhook = createWebhook({
    options: { url: `${url}/hook`, secret: SECRET, timeoutMs, maxAttempts: 4, maxQueued },
    egress,
    nowMs: () => 1_790_000_000_000 + waits.length,
    pause: (waitMs, signal) => {
      waits.push(waitMs);
      // The patience of a close, and where it is asked for the wait between attempts, ends with its signal alone.
      const lasts = pauses || waitMs === 60_001;
      return lasts ? new Promise((resolve) => signal.addEventListener('abort', () => resolve())) : Promise.resolve();
    },
    jitter: () => 0.5,
    onGivenUp: (eventId, why) => void givenUp.push([eventId, why]),
  });
  return { webhook, seen, waits, givenUp };
}

const closed = (scene: Scene) => scene.webhook.close(60_001);

/** Waits until so many requests have come. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('the webhook of anomalies', () => {
  it('posts a body that is signed together with its time', async () => {
    const scene = await open((_, response) => response.writeHead(204).end());
    scene.webhook.push('event-1', '{"kind":"new_host"}');
    await closed(scene);
    const [request] = scene.seen;
    expect(request).toMatchObject({ method: 'POST', url: '/hook', body: '{"kind":"new_host"}' });
    const headers = request?.headers ?? {};
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-satway-event-id': 'event-1' });
    const timestamp = String(headers['x-satway-timestamp']);
    const expected = createHmac('sha256', SECRET).update(`${timestamp}.${request?.body}`).digest('hex');
    expect(headers['x-satway-signature']).toBe(`v1=${expected}`);
    expect(scene.givenUp).toEqual([]);
  });

  it('tries again with waits that double, with a signature of its own each time, and gives up at last', async () => {
    const scene = await open((_, response) => response.writeHead(503).end());
    scene.webhook.push('event-1', '{}');
    await until(() => scene.givenUp.length > 0);
    expect(scene.givenUp).toEqual([['event-1', 'status 503']]);
    expect(scene.waits).toEqual([1000, 2000, 4000]);
    expect(scene.seen).toHaveLength(4);
    expect(new Set(scene.seen.map(({ headers }) => headers['x-satway-signature'])).size).toBe(4);
    await closed(scene);
  });

  it.each([400, 401, 404, 302])(
    'does not insist where it is answered %d, follows nothing, and goes on with the next',
    async (status) => {
      const scene = await open((_, response) => response.writeHead(status, { location: '/elsewhere' }).end());
      scene.webhook.push('event-1', '{}');
      scene.webhook.push('event-2', '{}');
      await closed(scene);
      expect(scene.seen.map(({ url }) => url)).toEqual(['/hook', '/hook']);
      expect(scene.givenUp).toEqual([
        ['event-1', `status ${status}`],
        ['event-2', `status ${status}`],
      ]);
    },
  );

  it('keeps no more waiting than it may, and says what it gave up', async () => {
    const scene = await open(() => undefined, { maxQueued: 2 });
    for (const id of ['one', 'two', 'three', 'four']) scene.webhook.push(id, '{}');
    expect(scene.givenUp).toEqual([
      ['three', 'too many wait'],
      ['four', 'too many wait'],
    ]);
  });

  it('gives what waits one last attempt when it is closed, and waits for no back-off', async () => {
    const scene = await open((_, response) => response.writeHead(500).end(), { pauses: true });
    scene.webhook.push('one', '{}');
    scene.webhook.push('two', '{}');
    await until(() => scene.waits.length === 1);
    await closed(scene);
    expect(scene.seen).toHaveLength(3);
    expect(scene.givenUp.map(([id]) => id)).toEqual(['one', 'two']);
    scene.webhook.push('three', '{}');
    expect(scene.givenUp.at(-1)).toEqual(['three', 'too many wait']);
  });

  it('lets a receiver that never answers keep nobody longer than it may', async () => {
    const scene = await open(() => undefined, { timeoutMs: 600_000 });
    scene.webhook.push('one', '{}');
    await until(() => scene.seen.length === 1);
    await scene.webhook.close(0);
    expect(scene.givenUp).toEqual([['one', 'EGRESS_ABORTED']]);
  });

  it('goes through the door that leads out, and needs no public address', async () => {
    const scene = await open((_, response) => response.writeHead(200).end());
    scene.webhook.push('one', '{}');
    await closed(scene);
    expect(scene.seen).toHaveLength(1);
  });
});

describe('a client with a webhook', () => {
  it('tells it what is unusual, in the words of the event, and ends after it', async () => {
    const lightning = openLightning();
    const seller = await startSeller({ issuer: lightning.issuer });
    const hook = await startServer((_, response) => response.writeHead(200).end());
    const events: unknown[] = [];
    const client = new L402Client({
      wallet: lightning.payer,
      store: temporaryStore(),
      anomaly: { webhook: { url: hook.url, secret: SECRET } },
      onEvent: (event) => void (event.type === 'anomaly' && events.push(event)),
    });
    await client.fetch(`${seller.url}/item`);
    await client.close();
    expect(hook.seen.map(({ body }) => JSON.parse(body) as unknown)).toEqual(
      events.map((event) => ({ v: 1, ...(event as object) })),
    );
    expect(events).toMatchObject([{ kind: 'new_host' }]);
    expect(hook.seen[0]?.headers['x-satway-event-id']).toBe((events[0] as { anomalyId: string }).anomalyId);
  });

  it('buys as if there were none while its receiver hangs, and logs what was not delivered', async () => {
    const lightning = openLightning();
    const seller = await startSeller({ issuer: lightning.issuer });
    const hook = await startServer(() => undefined);
    const lines: string[] = [];
    const client = new L402Client({
      wallet: lightning.payer,
      store: temporaryStore(),
      anomaly: {
        log: (line) => void lines.push(line),
        webhook: { url: hook.url, secret: SECRET, timeoutMs: 50, maxAttempts: 1 },
      },
    });
    for (let count = 1; count <= 3; count++) expect((await client.fetch(`${seller.url}/${count}`)).status).toBe(200);
    await client.close();
    expect(lightning.settledMsat()).toEqual([5000, 5000, 5000]);
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: 'warn', kind: 'new_host' },
      { level: 'error', type: 'anomaly_webhook_failed', why: 'EGRESS_TIMEOUT' },
    ]);
    expect(lines.join('')).not.toContain(SECRET);
  });
});

import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { setTheScene } from '../proxy/scene.js';
import { sellingApi } from './selling-api.js';

const binary = (_: unknown, response: ServerResponse): void =>
  void response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from([0x89, 0, 1]));

describe('a purchase that could not be kept', () => {
  it.each([
    ['call_api', 'answers'],
    ['buy_credential', 'credentials'],
  ])('is refused before anything is paid: %s', async (tool, folder) => {
    const { home, issuer, call, spentMsat } = await setTheScene();
    writeFileSync(join(home, folder), 'in the way');
    const url = await sellingApi({ issuer, onPaid: binary });
    const refused = await call(tool, { url });
    expect(refused.data).toMatchObject({ error: { code: 'MCP_PLACE_UNUSABLE', fundsMoved: 'no' }, costMsat: 0 });
    expect(refused.text).toContain('Nothing was paid.');
    expect(spentMsat()).toBe(0);
    rmSync(join(home, folder));
    expect((await call(tool, { url })).data).toMatchObject({ costMsat: 5000, error: null });
  });

  it('is told as it is where the place went away meanwhile: it was paid, and again would be paid again', async () => {
    const { home, issuer, call } = await setTheScene();
    const url = await sellingApi({
      issuer,
      onPaid(request, response) {
        rmSync(join(home, 'answers'), { recursive: true });
        writeFileSync(join(home, 'answers'), 'in the way');
        binary(request, response);
      },
    });
    const lost = await call('call_api', { url });
    expect(lost.data).toMatchObject({ error: { code: 'MCP_NOT_KEPT', fundsMoved: 'yes' }, costMsat: 5000 });
    expect(lost.text).not.toContain('pays nothing');
  });

  it('is told to have cost nothing where it was free', async () => {
    const { home, call } = await setTheScene();
    writeFileSync(join(home, 'answers'), 'in the way');
    const server = createServer((request, response) => binary(request, response));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const { data } = await call('call_api', { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    expect(data).toMatchObject({ error: { code: 'MCP_NOT_KEPT', fundsMoved: 'no' }, costMsat: 0 });
  });

  it('is one credential too many', async () => {
    const { home, issuer, call, spentMsat } = await setTheScene();
    mkdirSync(join(home, 'credentials'));
    for (let count = 0; count < 200; count++) writeFileSync(join(home, 'credentials', `${count}.token`), 'x');
    const url = await sellingApi({ issuer, onPaid: binary });
    const { data } = await call('buy_credential', { url });
    expect(data).toMatchObject({ error: { code: 'MCP_CREDENTIALS_FULL', fundsMoved: 'no' } });
    expect(spentMsat()).toBe(0);
  });
});

import { readFileSync } from 'node:fs';
import { McpServer } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import { shownResult } from '../../src/proxy/index.js';
import { serveHere, TOKEN } from '../http/scene.js';
import { setTheScene } from './scene.js';

const PICTURE = Buffer.from(Array.from({ length: 9000 }, (_, index) => (index * 31) % 256));
const base64 = PICTURE.toString('base64');

async function sceneWith(content: unknown[]) {
  const factory = () => {
    const server = new McpServer({ name: 'pictures', version: '1' });
    server.registerTool('draw', { description: 'draws' }, () => Promise.resolve({ content } as { content: [] }));
    return server;
  };
  const { url } = await serveHere({ factory });
  const headers = { authorization: `Bearer ${TOKEN}` };
  return setTheScene({ entries: () => [{ name: 'pictures', kind: 'http', url, headers }] });
}

describe('bytes in the result of another server’s tool', () => {
  it('are files: pictures, sound and resources, each said with its type, length and place', async () => {
    const { call } = await sceneWith([
      { type: 'text', text: 'three' },
      { type: 'image', mimeType: 'image/png', data: base64 },
      { type: 'audio', mimeType: 'audio/mpeg', data: base64 },
      { type: 'resource', resource: { uri: 'x://y', mimeType: 'application/zip', blob: base64 } },
      { type: 'resource', resource: { uri: 'x://z', mimeType: 'text/plain', text: 'plain' } },
    ]);
    const { data, text } = await call('call_mcp_tool', { server: 'pictures', tool: 'draw' });
    expect(JSON.parse(String(data['body']))).toEqual({
      content: [
        { type: 'text', text: 'three' },
        { type: 'image', mimeType: 'image/png', part: 1, bytes: 9000 },
        { type: 'audio', mimeType: 'audio/mpeg', part: 2, bytes: 9000 },
        { type: 'resource', resource: { uri: 'x://y', mimeType: 'application/zip', part: 3, bytes: 9000 } },
        { type: 'resource', resource: { uri: 'x://z', mimeType: 'text/plain', text: 'plain' } },
      ],
    });
    const parts = data['parts'] as { file: string; contentType: string; bytes: number }[];
    expect(parts.map(({ contentType }) => contentType)).toEqual(['image/png', 'audio/mpeg', 'application/zip']);
    for (const { file } of parts) {
      expect(readFileSync(file)).toEqual(PICTURE);
      // Behind the markers of what the stranger wrote, so that no stranger can name a file.
      expect(text.indexOf(file)).toBeGreaterThan(text.indexOf('<<<END UNTRUSTED'));
    }
    expect(text).not.toContain(base64.slice(0, 40));
  });

  it('stay in the text from the eleventh part on: a folder holds other answers too', async () => {
    const picture = { type: 'image', mimeType: 'image/png', data: Buffer.from('png').toString('base64') };
    const { call } = await sceneWith(Array.from({ length: 12 }, () => picture));
    const { data } = await call('call_mcp_tool', { server: 'pictures', tool: 'draw' });
    const { content } = JSON.parse(String(data['body'])) as { content: object[] };
    expect(data['parts']).toHaveLength(10);
    expect(content.slice(-2)).toEqual([picture, picture]);
  });

  it.each(['', '%'.repeat(80), `${base64}${'%'.repeat(80)}`])(
    'stay in the text where they are no base64: %.8s',
    (data) => {
      const picture = { type: 'image' as const, mimeType: 'image/png', data };
      const taken: Uint8Array[] = [];
      const shown = shownResult({ content: [picture] }, ({ bytes }) => ({ part: taken.push(bytes) }));
      expect(shown).toEqual({ content: [picture] });
      expect(taken).toEqual([]);
    },
  );
});

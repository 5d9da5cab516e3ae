import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMcpServers } from '../../src/index.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'satway-servers-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (content: unknown) => {
  const file = join(folder, 'servers.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return readMcpServers(file);
};
/** All that a program could show of the error by which a file is refused. */
function refusalOf(content: unknown): string {
  try {
    return inspect(read(content));
  } catch (error) {
    return inspect(error, { depth: 9, showHidden: true });
  }
}
const invalid = (detail: string) =>
  expect.objectContaining({ code: 'MCP_SETTINGS_INVALID', detail: expect.stringContaining(detail) });

describe('the file of other MCP servers', () => {
  it('has the form that MCP hosts use, and may say more than is read', () => {
    expect(
      read({
        mcpServers: {
          files: { command: 'npx', args: ['-y', 'files'], env: { ROOT: '/data' } },
          weather: { type: 'http', url: 'https://weather.example/mcp', headers: { Authorization: 'Bearer x' } },
        },
        inputs: [],
      }),
    ).toEqual([
      { name: 'files', kind: 'stdio', command: 'npx', args: ['-y', 'files'], env: { ROOT: '/data' }, cwd: null },
      { name: 'weather', kind: 'http', url: 'https://weather.example/mcp', headers: { Authorization: 'Bearer x' } },
    ]);
  });

  it.each([
    ['{', 'is no JSON'],
    [{}, 'mcpServers'],
    [{ mcpServers: { a: {} } }, 'must have a command, or a url'],
    [{ mcpServers: { a: { url: 'file:///etc/passwd' } } }, 'http or https URL'],
    [{ mcpServers: { a: { url: 'https://x.example', header: {} } } }, 'header'],
    [{ mcpServers: { a: { command: 'x', environment: {} } } }, 'environment'],
    [{ mcpServers: { 'a.b/#': { url: 'https://x.example' } } }, 'lower-case letters'],
  ])('is refused where it is not: %j', (content, detail) => {
    expect(() => read(content)).toThrow(invalid(detail));
  });

  it('is told of where it is missing, and no value of it is told', () => {
    expect(() => readMcpServers(join(folder, 'none.json'))).toThrow(invalid('cannot be read'));
    const secret = { mcpServers: { a: { url: 'ftp://user:secret-word@x.example' } } };
    expect(() => read(secret)).toThrow(expect.not.objectContaining({ detail: expect.stringContaining('secret-word') }));
    expect(refusalOf(secret)).not.toContain('secret-word');
    expect(refusalOf('secret-word')).not.toContain('secret-word');
  });
});

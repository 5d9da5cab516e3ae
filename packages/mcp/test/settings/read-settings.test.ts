import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isSatwayError } from '@satway/base';
import { describe, expect, it } from 'vitest';
import { MCP_VARIABLES, readMcpSettings } from '../../src/settings/index.js';

function mistakesOf(environment: Record<string, string>): string {
  try {
    readMcpSettings(environment);
  } catch (error) {
    if (isSatwayError(error, 'MCP_SETTINGS_INVALID')) return error.detail ?? '';
  }
  return '';
}

describe('the settings of the MCP server', () => {
  it('are safe when nothing is set', () => {
    expect(readMcpSettings({ SATWAY_HOME: '/home/me/.satway' })).toEqual({
      budgetSats: null,
      maxAutoPaySats: 1000,
      maxSpendPerMinuteSats: 10_000,
      maxSpendPerDaySats: 5000,
      walletBalanceBelowSats: null,
      transport: 'stdio',
      port: 3402,
      bindAddress: '127.0.0.1',
      corsOrigin: null,
      authToken: null,
      allowedHosts: [],
      home: '/home/me/.satway',
      directories: [],
      sellers: [],
      mcpServersFile: null,
      webhook: null,
      answerWithinMs: 55_000,
      exchangeWithinMs: 30_000,
      maxShownChars: 20_000,
    });
  });

  it('count a variable that is empty as not set', () => {
    const empty = Object.fromEntries(MCP_VARIABLES.map((name) => [name, ' ']));
    expect(readMcpSettings({ ...empty, SATWAY_HOME: '/h' })).toEqual(readMcpSettings({ SATWAY_HOME: '/h' }));
  });

  it('keep things below the home directory where no place, or none without a shell, is named', () => {
    const homes = ['', '~', '~/elsewhere'].map((SATWAY_HOME) => readMcpSettings({ SATWAY_HOME }).home);
    expect(homes).toEqual([join(homedir(), '.satway'), homedir(), join(homedir(), 'elsewhere')]);
  });

  it('are read as they are written', () => {
    const settings = readMcpSettings({
      BUDGET_SATS: '0',
      WALLET_BALANCE_BELOW_SATS: '2000',
      TRANSPORT: 'http',
      SATWAY_DIRECTORY: 'https://dir.example/, https://other.example/list',
      SATWAY_SELLERS: 'acme=https://acme.example/v1/,b-2=http://127.0.0.1:8080',
      MCP_ALLOWED_HOSTS: 'box.local, agent.example',
      CORS_ORIGIN: 'https://page.example',
      SATWAY_ANSWER_WITHIN_SECONDS: '30',
    });
    expect(settings).toMatchObject({
      budgetSats: 0,
      walletBalanceBelowSats: 2000,
      transport: 'http',
      directories: ['https://dir.example', 'https://other.example/list'],
      sellers: [
        { slug: 'acme', baseUrl: 'https://acme.example/v1' },
        { slug: 'b-2', baseUrl: 'http://127.0.0.1:8080' },
      ],
      allowedHosts: ['box.local', 'agent.example'],
      corsOrigin: 'https://page.example',
      answerWithinMs: 30_000,
    });
  });

  it.each([
    ['BUDGET_SATS', ['-1', '1.5', '1e3', 'all', '0x10', '9'.repeat(17), '9007199254741']],
    ['MAX_AUTO_PAY_SATS', ['', '∞', '1_000']],
    ['WALLET_BALANCE_BELOW_SATS', ['0', '-1', 'few']],
    ['TRANSPORT', ['sse', 'STDIO']],
    ['PORT', ['65536', '-1', 'http']],
    ['BIND_ADDRESS', ['0.0.0.0/0', 'a b']],
    ['CORS_ORIGIN', ['https://a.example/', 'null', 'a.example']],
    ['MCP_AUTH_TOKEN', ['short', 'x'.repeat(31), `${'x'.repeat(40)} y`]],
    ['SATWAY_DIRECTORY', ['dir.example', 'ftp://dir.example', 'https://u:p@dir.example', 'https://dir.example/?a#b']],
    [
      'SATWAY_SELLERS',
      ['acme', '__proto__=https://a.example', 'a=b', 'a=https://a.example,a=https://b.example', 'A=https://a.example'],
    ],
    ['SATWAY_ANSWER_WITHIN_SECONDS', ['0', '601', 'soon']],
    ['SATWAY_MAX_SHOWN_CHARS', ['1']],
  ])('refuse what %s cannot be, and do not repeat it', (name, values) => {
    for (const value of values.filter((each) => each !== '')) {
      const detail = mistakesOf({ [name]: value });
      expect(detail, value).toMatch(new RegExp(`^${name} `));
      if (value.length > 8) expect(detail).not.toContain(value);
    }
  });

  it('take a webhook only with the secret that signs it', () => {
    const url = 'https://ops.example/hook?key=1';
    expect(readMcpSettings({ SATWAY_WEBHOOK_URL: url, SATWAY_WEBHOOK_SECRET: 's'.repeat(16) }).webhook).toEqual({
      url,
      secret: 's'.repeat(16),
    });
    expect(mistakesOf({ SATWAY_WEBHOOK_URL: url, PORT: 'x' })).toMatch(/PORT must.*must be set together/);
    expect(mistakesOf({ SATWAY_WEBHOOK_SECRET: 's'.repeat(16) })).toMatch(/must be set together/);
    expect(mistakesOf({ SATWAY_WEBHOOK_URL: 'https://u:p@ops.example', SATWAY_WEBHOOK_SECRET: 'short' })).toMatch(
      /SATWAY_WEBHOOK_URL must.*SATWAY_WEBHOOK_SECRET must/,
    );
  });

  it('tell every mistake at once', () => {
    const detail = mistakesOf({ BUDGET_SATS: 'x', PORT: 'y', TRANSPORT: 'z' });
    for (const name of ['BUDGET_SATS', 'PORT', 'TRANSPORT']) expect(detail).toContain(`${name} must`);
  });

  it('are all explained in docs/mcp.md', () => {
    const docs = readFileSync(new URL('../../../../docs/mcp.md', import.meta.url), 'utf8');
    for (const name of MCP_VARIABLES) expect(docs).toContain(`| \`${name}\` |`);
  });
});

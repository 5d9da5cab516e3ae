import { readFileSync } from 'node:fs';
import { SECRET_VARIABLES, WALLET_VARIABLES } from '@satway/wallets/environment';
import { describe, expect, it } from 'vitest';

const PAGE = readFileSync(new URL('../../../../docs/wallets/README.md', import.meta.url), 'utf8');
const row = (variable: string): string => new RegExp(`^\\| \`${variable}\` \\|.*$`, 'm').exec(PAGE)?.[0] ?? '';

describe('the page about wallets', () => {
  it.each(Object.values(WALLET_VARIABLES).flat())('has a row for %s that says whether it is a secret', (variable) => {
    expect(row(variable)).not.toBe('');
    expect(row(variable).endsWith('| yes |')).toBe(SECRET_VARIABLES.includes(variable));
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bakeCommand, howToNarrow, RECIPES } from '../../src/lnd/inspection/recipes.js';

const page = readFileSync(new URL('../../../../docs/wallets/lnd.md', import.meta.url), 'utf8');

describe('the recipes for macaroons', () => {
  it('stand in the documentation as they are told by inspect, and no others do', () => {
    const commands = page.split('\n').filter((line) => line.startsWith('lncli bakemacaroon'));
    expect(commands).toEqual([RECIPES.pay, RECIPES.receive, RECIPES.read].map(bakeCommand));
    for (const role of ['pay', 'receive', 'read'] as const) {
      expect(howToNarrow(role)).toContain(bakeCommand(RECIPES[role]));
      expect(howToNarrow(role)).toContain(`lncli deletemacaroonid ${RECIPES[role].rootKeyId}`);
    }
  });

  it('let nobody but the seller read invoices', () => {
    for (const role of ['pay', 'read'] as const) {
      expect(RECIPES[role].permissions.filter((each) => /invoice/i.test(each))).toEqual([]);
    }
  });
});

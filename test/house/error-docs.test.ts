import { readFileSync } from 'node:fs';
import { errorTable, errorTableByRoom } from '@satway/base';
import { describe, expect, it } from 'vitest';
import { renderErrorPage } from '../../scripts/error-page.mjs';
import { root, readSourceFiles } from './source-files.js';

describe('the page of errors', () => {
  it('is what the table says today (npm run docs:errors writes it)', () => {
    expect(readFileSync(`${root}docs/errors.md`, 'utf8')).toBe(renderErrorPage(errorTableByRoom));
  });

  it('has no code that nothing raises', () => {
    const text = readSourceFiles()
      .filter(({ path }) => !path.includes('/errors/table/'))
      .map((file) => file.text)
      .join('\n');
    expect(Object.keys(errorTable).filter((code) => !new RegExp(`['"]${code}['"]`, 'i').test(text))).toEqual([]);
  });
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './source-files.js';

/** Pages for people: those at the top, and all below `docs`. */
function listPages(): string[] {
  const pagesIn = (folder: string, recursive: boolean) =>
    readdirSync(join(root, folder), { recursive, encoding: 'utf8' })
      .filter((entry) => entry.endsWith('.md'))
      .map((entry) => join(folder, entry));
  return [...pagesIn('.', false), ...pagesIn('docs', true)];
}

const LINK = /\]\(([^)\s]+)\)/g;
const FENCED = /^```[^]*?^```/gm;
const isElsewhere = (target: string): boolean => /^[a-z]+:/.test(target);

/** How a heading is called in an address. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (path: string): string[] =>
  [
    ...readFileSync(path, 'utf8')
      .replaceAll(FENCED, '')
      .matchAll(/^#+ +(.+)$/gm),
  ].map(([, text = '']) => anchorOf(text));

/** Why a link leads nowhere; `null` where it leads somewhere. */
function brokenLink(page: string, target: string): string | null {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? join(root, page) : join(root, dirname(page), path);
  const name = `${page} → ${target}`;
  if (!existsSync(file)) return `${name}: there is no ${relative(root, file)}`;
  return anchor === undefined || anchorsOf(file).includes(anchor) ? null : `${name}: there is no such heading`;
}

describe('the pages', () => {
  const pages = listPages();

  it('are found', () => {
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/gateway.md', 'docs/wallets/README.md']));
  });

  it.each(pages)('%s links to pages and headings that are there', (page) => {
    const text = readFileSync(join(root, page), 'utf8').replaceAll(FENCED, '');
    const targets = [...text.matchAll(LINK)].map(([, target = '']) => target).filter((target) => !isElsewhere(target));
    const broken = targets.map((target) => brokenLink(page, target)).filter((each) => each !== null);
    expect(broken).toEqual([]);
  });
});

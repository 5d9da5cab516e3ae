// Writes docs/errors.md from the one error table. With --check it only compares and exits 1 when the page is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorTableByRoom } from '../packages/base/dist/index.js';
import { renderErrorPage } from './error-page.mjs';

const file = fileURLToPath(new URL('../docs/errors.md', import.meta.url));
const page = renderErrorPage(errorTableByRoom);

if (!process.argv.includes('--check')) {
  writeFileSync(file, page);
} else if (readFileSync(file, 'utf8') !== page) {
  console.error('docs/errors.md is stale: run npm run docs:errors');
  process.exit(1);
}

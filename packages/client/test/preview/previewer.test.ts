import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createEgress, type Egress } from '@satway/egress';
import { onTestFinished } from 'vitest';
import { describe, expect, it } from 'vitest';
import { createPreviewer, type PreviewerOptions } from '../../src/index.js';
import { invoiceWith } from '../support/invoices.js';
import { openLightning } from '../support/lightning.js';
import { challenge, type Handler, mintToken, startSeller, startServer } from '../support/seller.js';

function openEgress(): Egress {
  const egress = createEgress({ allowHosts: ['127.0.0.1'] });
  onTestFinished(() => egress.close());
  return egress;
}

function newPreviewer(options: Partial<PreviewerOptions> = {}) {
  return createPreviewer({ egress: openEgress(), network: 'regtest', ...options });
}

async function previewOf(handler: Handler, options: Partial<PreviewerOptions> = {}) {
  const { url } = await startServer(handler);
  return newPreviewer(options).preview(`${url}/item`);
}

/** Every source file that a module leads to, types aside. */
function reachedFrom(file: string, reached = new Set<string>()): Set<string> {
  if (reached.has(file)) return reached;
  reached.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*? from '(\.[^']+)'/gm);
  for (const [, specifier = ''] of imports) {
    reachedFrom(resolve(dirname(file), specifier.replace(/\.js$/, '.ts')), reached);
  }
  return reached;
}

describe('a previewer', () => {
  it('shows what the invoice asks for, and leaves wallet and books untouched', async () => {
    const lightning = openLightning();
    const { url, seen } = await startSeller({ issuer: lightning.issuer });
    const preview = await newPreviewer().preview(`${url}/item`, { method: 'POST', body: 'what I want' });
    expect(preview).toMatchObject({
      status: 402,
      url: `${url}/item`,
      offer: { scheme: 'L402', amountMsat: 5000n, network: 'regtest', description: 'one item', refusal: null },
    });
    expect(seen).toMatchObject([{ method: 'POST', body: 'what I want' }]);
    expect(seen[0]?.headers['authorization']).toBeUndefined();
    expect(lightning.payments()).toEqual([]);
  });

  it('cannot reach a wallet, a store or a budget: its module leads to none', () => {
    const start = join(import.meta.dirname, '../../src/preview/index.ts');
    const folders = [...reachedFrom(start)].map((file) => dirname(file).split('/').at(-1));
    expect(new Set(folders)).toEqual(new Set(['call', 'offer', 'preview']));
    for (const file of reachedFrom(start)) expect(readFileSync(file, 'utf8')).not.toContain('@satway/wallets');
  });

  it('says why an offer would not be paid', async () => {
    const { invoice, paymentHashHex } = invoiceWith({ amountMsat: 250_000_000n });
    const lying: Handler = (_, response) =>
      challenge(response, mintToken({ paymentHashHex }), invoice, { priceSats: 1 });
    expect(await previewOf(lying)).toMatchObject({
      offer: { amountMsat: 250_000_000n, refusal: { code: 'OFFER_PRICE_MISMATCH' } },
    });
  });

  it('says when its wallet could not pay on the invoice’s network, and takes any where it has none', async () => {
    const { invoice, paymentHashHex } = invoiceWith();
    const honest: Handler = (_, response) => challenge(response, mintToken({ paymentHashHex }), invoice);
    const other = await previewOf(honest, { network: 'bitcoin' });
    expect(other).toMatchObject({ offer: { refusal: { code: 'INVOICE_OTHER_NETWORK' } } });
    expect(await previewOf(honest, { network: null })).toMatchObject({ offer: { refusal: null } });
  });

  it('has nothing to show where nothing is asked for', async () => {
    expect(await previewOf((_, response) => response.writeHead(203).end('hello'))).toMatchObject({
      status: 203,
      offer: null,
    });
    expect(await previewOf((_, response) => response.writeHead(402).end('pay me'))).toMatchObject({ offer: null });
  });

  it('follows a redirect as a purchase would, and says where it came to', async () => {
    const { issuer } = openLightning();
    const seller = await startSeller({ issuer });
    const preview = await previewOf((_, response) => response.writeHead(302, { location: `${seller.url}/x` }).end());
    expect(preview).toMatchObject({ status: 402, url: `${seller.url}/x`, offer: { amountMsat: 5000n } });
  });

  it('reads no more of a 402 than it has to', async () => {
    const endless: Handler = (_, response) => response.writeHead(402).end('x'.repeat(70_000));
    await expect(previewOf(endless)).rejects.toThrow(
      expect.objectContaining({ code: 'OFFER_UNREADABLE', fundsMoved: 'no' }),
    );
  });

  it('goes through the one door out, which keeps it from private places', async () => {
    const egress = createEgress({});
    onTestFinished(() => egress.close());
    const { url, seen } = await startServer((_, response) => response.end());
    await expect(newPreviewer({ egress }).preview(url)).rejects.toThrow(
      expect.objectContaining({ code: 'EGRESS_ADDRESS_REFUSED' }),
    );
    expect(seen).toEqual([]);
  });
});

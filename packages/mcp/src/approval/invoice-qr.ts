import { renderSVG, renderUnicodeCompact } from 'uqr';

/** In capitals, which a QR code packs more tightly; invoices are read in either case. */
const packed = (invoice: string): string => invoice.toUpperCase();

/** For a page. */
export function invoiceAsQrSvg(invoice: string): string {
  return renderSVG(packed(invoice), { ecc: 'L' });
}

/** For a terminal. */
export function invoiceAsQrText(invoice: string): string {
  return renderUnicodeCompact(packed(invoice), { ecc: 'L', border: 2 });
}

export { bookableCost } from './amounts.js';
export { isSentInTheClear, walletBaseUrl } from './base-url.js';
export { fingerprintIn, isCertificatePem, pemIn } from './certificate-text.js';
export { checkInvoiceRequest, readIssuedInvoice } from './issued-invoice.js';
export { asObject, hexOfBytes, integerOf, type Json, parseJsonObject, textOf } from './json.js';
export { checkPaymentHash } from './payment-hash.js';
export { isPreimageOf } from './preimage.js';
export { mayHaveBeenSent, walletError } from './wallet-error.js';
export { foreignWords } from './words.js';

export { readTokenFile, type TokenFile, writeTokenFile } from './token-file.js';
export { type FoundToken, findTokens, lngetPathOf } from './token-folder.js';

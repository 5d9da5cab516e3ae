export { base64ToBytes, bytesToBase64 } from './base64.js';
export { bytesToHex, hexToBytes, isHex64 } from './hex.js';
export { equalBytes, hmacSha256, sha256, sha256Hex, visibleAscii } from './sha256.js';

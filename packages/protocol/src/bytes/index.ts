export { base64ToBytes, bytesToBase64, bytesToBase64Url } from './base64.js';
export { bytesToHex, hexToBytes, isHex64, viewOf } from './hex.js';
export { equalBytes, hmacSha256, sha256, sha256Hex, visibleAscii } from './sha256.js';

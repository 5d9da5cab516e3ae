export { decodeSessionToken, encodeSessionToken, type SessionClaims, verifySessionToken } from './session-token.js';

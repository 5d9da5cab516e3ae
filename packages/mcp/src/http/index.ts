export { readOrMakeAuthToken } from './auth-token.js';
export { type HttpServing, type HttpServingOptions, serveHttp } from './serve-http.js';
export { describeWeakTls } from './weak-tls.js';

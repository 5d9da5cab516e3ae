export { type RecoveryReport, recover } from './recover.js';
export { type Resolution, resolve } from './resolve.js';

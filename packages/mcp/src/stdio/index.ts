export { serveOverStdio, type StdioConnection } from './serve-over-stdio.js';

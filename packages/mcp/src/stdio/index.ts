export { quietConsole } from './quiet-console.js';
export { serveOverStdio, type StdioConnection } from './serve-over-stdio.js';

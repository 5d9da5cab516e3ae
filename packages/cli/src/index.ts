export { EXIT } from './exit-codes.js';
export { runSatway } from './program.js';

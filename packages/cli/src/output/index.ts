export { createOutput, type Output, type OutputStreams, reportError } from './console-output.js';
export { plainText } from './plain-text.js';

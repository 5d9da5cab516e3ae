export { type CanonicalPath, canonicalizePath } from './canonical-path.js';
export { parsePathPrefix, pathPrefixCovers } from './path-prefix.js';

export { type CanonicalPath, canonicalizePath, MAX_TARGET_LENGTH } from './canonical-path.js';
export { parsePathPrefix, pathPrefixCovers } from './path-prefix.js';

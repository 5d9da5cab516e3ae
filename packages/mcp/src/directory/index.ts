export type { ApiDetails, ApiOperation } from './api-details.js';
export {
  type DirectoryFindings,
  type DirectorySearch,
  readApiDetails,
  searchDirectories,
  sellerOf,
} from './directory.js';
export type { DirectoryEntry } from './directory-entry.js';

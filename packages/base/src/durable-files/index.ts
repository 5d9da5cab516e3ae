export { createFileDurably, makeFolderDurably, replaceFileDurably, syncFile, syncFolder } from './durable-files.js';

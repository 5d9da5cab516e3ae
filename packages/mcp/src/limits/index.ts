export { fitting, jsonBytes, MAX_LISTED_BYTES, MAX_TEXT_BYTES } from './result-size.js';

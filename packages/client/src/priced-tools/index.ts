export { performTool } from './perform-tool.js';
export type { PricedToolCall, ToolAnswer } from './priced-tool.js';
export type { ToolPerformed } from './use-tool.js';

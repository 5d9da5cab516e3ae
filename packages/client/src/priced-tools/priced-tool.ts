/** What of a tool's result matters for money; everything else in it is passed on. */
export interface ToolAnswer {
  readonly isError?: boolean | undefined;
  readonly _meta?: Readonly<Record<string, unknown>> | undefined;
}

/** One call of a tool at an MCP server, and how to make it. */
export interface PricedToolCall<R extends ToolAnswer> {
  /** Where the server is: its `https` origin, or `mcp://<name>` for one that runs on this machine. What is bought there is used there alone. */
  readonly origin: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /**
   * Makes the call. `meta` is to go into the request's `_meta` as it is; it may hold a secret. Rejects where no result came.
   */
  call(meta: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<R>;
}

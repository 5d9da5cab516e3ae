import { redactText, SatwayError } from '@satway/base';
import type { CallToolResult } from '@modelcontextprotocol/server';
import { nextStepOf } from './next-steps.js';
import { oneLine } from './untrusted.js';

/** A result for programs and for a model. */
export function toolResult(text: string, structuredContent: object, isError = false): CallToolResult {
  return {
    content: [{ type: 'text', text }],
    structuredContent: { ...structuredContent },
    ...(isError ? { isError: true } : {}),
  };
}

/** A refusal in the words of the error table. What is not ours says nothing of what is inside. */
export function errorResult(thrown: unknown): CallToolResult {
  const error = thrown instanceof SatwayError ? thrown : new SatwayError('INTERNAL');
  return { content: [{ type: 'text', text: describeError(error) }], isError: true };
}

/** What a model is told of a failure. */
export function describeError(error: Pick<SatwayError, 'code' | 'message' | 'fundsMoved' | 'nextStep'>): string {
  const funds = { no: 'Nothing was paid.', yes: 'It was paid for.', unknown: 'It is not known whether money moved.' };
  // Whatever came into a message from outside: nothing that looks like a secret goes on, and no line of its own.
  return `${error.code}: ${oneLine(redactText(error.message))}\n${funds[error.fundsMoved]} ${nextStepOf(error)}`;
}

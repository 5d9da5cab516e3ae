import { type McpServer, type ReadResourceResult, ResourceTemplate } from '@modelcontextprotocol/server';
import { SatwayError } from '@satway/base';
import { collectReceipts, writeReceipts } from '@satway/client';
import type { SatwayContext } from '../context/index.js';
import { fitting, MAX_LISTED_BYTES, MAX_TEXT_BYTES } from '../limits/index.js';
import { asUntrusted } from '../output/index.js';
import { withoutSecrets } from '../secrets/index.js';
import { paymentRow, readBudget } from '../tools/index.js';

const JSON_TYPE = 'application/json';
const MONTH_MS = 30 * 24 * 3_600_000;
const MAX_LEDGER_ROWS = 200;

/** What a host may show without calling a tool. All of it can only be read, and none of it holds a secret. */
export function registerResources(server: McpServer, context: SatwayContext): void {
  server.registerResource(
    'budget',
    'satway://budget',
    { title: 'Budget', description: 'What was spent, what is left, and every limit.', mimeType: JSON_TYPE },
    (uri) => jsonContents(uri, withoutSecrets(context.secrets, readBudget(context))),
  );
  server.registerResource(
    'ledger',
    'satway://ledger',
    {
      title: 'Ledger',
      description: `The newest payments, at most ${MAX_LEDGER_ROWS}, whatever became of them.`,
      mimeType: JSON_TYPE,
    },
    (uri) => {
      const rows = context.store.journal.list(MAX_LEDGER_ROWS).map(paymentRow);
      return jsonContents(uri, withoutSecrets(context.secrets, { payments: fitting(rows, MAX_LISTED_BYTES) }));
    },
  );
  server.registerResource(
    'receipts',
    'satway://receipts',
    {
      title: 'Receipts',
      description:
        'Receipts of the last 30 days, newest first, as many as fit; without proofs of payment. `satway receipts` has all. Descriptions and outcomes are sellers’ words.',
      mimeType: JSON_TYPE,
    },
    (uri) => textContents(uri, JSON_TYPE, receiptsOf(context)),
  );
  registerAnswers(server, context);
}

function receiptsOf({ store, secrets, nowMs }: SatwayContext): string {
  const receipts = collectReceipts(store, { sinceMs: nowMs() - MONTH_MS, withPreimages: false });
  const shown = fitting(receipts, MAX_LISTED_BYTES).map((receipt) => withoutSecrets(secrets, receipt));
  return [...writeReceipts('json', shown)].join('');
}

function registerAnswers(server: McpServer, { calls, answers }: SatwayContext): void {
  server.registerResource(
    'answer',
    new ResourceTemplate('satway://answers/{callId}', { list: undefined }),
    { title: 'Answer of a call', description: 'All of an answer that a call was given: a stranger’s data.' },
    (uri, { callId }) => {
      const end = typeof callId === 'string' ? calls.get(callId)?.end : undefined;
      if (end?.kind !== 'answered') throw new SatwayError('MCP_CALL_UNKNOWN', { detail: 'It has no answer.' });
      const { answer } = end;
      if (!answer.isText) {
        if (answer.isWithheld || answer.byteLength > MAX_TEXT_BYTES) {
          const what = answer.isWithheld ? 'could not be searched for secrets' : 'is no text';
          const where = `It ${what}, has ${answer.byteLength} bytes and lies in the file ${answer.file ?? ''}.`;
          return textContents(uri, 'text/plain', where);
        }
        const bytes = answers.readBytes(answer);
        const blob = Buffer.from(bytes).toString('base64');
        return { contents: [{ uri: uri.href, mimeType: answer.mimeType, blob }] };
      }
      const text = answers.readText(answer, 0, answer.charLength);
      const more =
        text.length < answer.charLength
          ? ` These are the first ${text.length} of ${answer.charLength} characters; read_answer has the rest.`
          : '';
      return textContents(uri, 'text/plain', asUntrusted(text, `${answer.mimeType}.${more}`));
    },
  );
}

function jsonContents(uri: URL, value: object): ReadResourceResult {
  return textContents(uri, JSON_TYPE, JSON.stringify(value));
}

function textContents(uri: URL, mimeType: string, text: string): ReadResourceResult {
  return { contents: [{ uri: uri.href, mimeType, text }] };
}

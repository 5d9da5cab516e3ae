// A sub-agent in a process of its own: it has no wallet and no store, only the text that it is given. It is started by `askSubAgent` of processes.mjs.
import { fetchWithCredential } from '@satway/client';

process.on('message', async ({ token, calls, allowHosts }) => {
  const results = [];
  for (const { url, method = 'GET', key } of calls) {
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    const result = await fetchWithCredential(url, token, { method, headers }, { allowHosts });
    results.push(
      result.ok
        ? { answer: await result.response.text(), status: result.response.status, outcome: result.use.outcome }
        : { refused: result.code, fundsMoved: result.fundsMoved },
    );
  }
  process.send(results, () => process.disconnect());
});

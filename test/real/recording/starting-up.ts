import { type RegtestNetwork, waitUntil } from '../network/index.js';
import type { RecordedAnswer, Recorder } from './recorder.js';

const TRACK_UNKNOWN = `/v2/router/track/${Buffer.alloc(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_')}`;

/** What a node answers between its start and the moment when it takes calls: each different answer once. */
export async function recordStart(recorder: Recorder, network: RegtestNetwork): Promise<void> {
  const { buyer } = network.nodes;
  await buyer.stop();
  buyer.process.start();
  const seen: RecordedAnswer['answer'][] = [];
  await waitUntil('the node takes calls', async () => {
    const { status, body } = await buyer.ask('GET', TRACK_UNKNOWN);
    if (!seen.some((each) => each.body === body)) seen.push({ status, headers: {}, body });
    return status === 404;
  });
  seen.forEach((answer, index) => {
    const about = 'On the way up, in this order; how many of them one sees is chance.';
    recorder.answers.push({
      name: `starting-${index + 1}`,
      about,
      request: { method: 'GET', path: TRACK_UNKNOWN },
      answer,
    });
  });
  await buyer.isReady();
  await network.canPay();
}

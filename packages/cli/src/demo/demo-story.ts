import { SatwayError } from '@satway/base';
import type { ClientEvent } from '@satway/client';
import { createEgress } from '@satway/egress';
import colors from 'picocolors';
import { formatMsat } from '../amounts.js';
import type { Output } from '../output/index.js';
import { buyOnce, type DemoResult } from './demo-purchase.js';
import type { DemoWorld } from './demo-world.js';

/** Tells one purchase from the first request to the answer, for people line by line, for programs event by event. */
export async function tellPurchase(world: DemoWorld, output: Output): Promise<DemoResult> {
  const paidUrl = `${world.gateway.url}/v1/sun/lugano`;
  introduce(world, output);
  await showFreeCall(`${world.gateway.url}/v1/cities`, output);
  title(output, 'The agent asks for something that has a price');
  const result = await buyOnce(world, paidUrl, (event) => tellEvent(event, output));
  tellAnswer(result, output);
  await checkBooks(world, result);
  const { status, paidMsat, feeMsat } = result;
  output.event({ event: 'done', status, paidMsat, feeMsat });
  return result;
}

function introduce(world: DemoWorld, output: Output): void {
  const lndUrl = world.buyer.kind === 'lnd' ? world.buyer.url : null;
  output.event({ event: 'started', gatewayUrl: world.gateway.url, apiUrl: world.api.url, lndUrl });
  title(output, 'Who is here');
  output.line(`  an API that knows nothing of payments   ${world.api.url}`);
  output.line(
    `  the gateway in front of it              ${world.gateway.url}   /v1/sun/:city costs ${formatMsat(world.priceMsat)}`,
  );
  output.line(`  ${world.lightning.where.padEnd(38)}  ${world.lightning.what}`);
  const { budgetSats, maxPerRequestSats } = world.limits;
  output.line(`  an agent with a budget of ${budgetSats} sats, and at most ${maxPerRequestSats} for one request`);
}

async function showFreeCall(url: string, output: Output): Promise<void> {
  const egress = createEgress({ allowHosts: [new URL(url).host] });
  try {
    const response = await egress.exchange({ method: 'GET', url, deadlineMs: 10_000, maxBodyBytes: 65_536 });
    const body = await response.text();
    if (response.status !== 200)
      throw new SatwayError('DEMO_FAILED', { detail: `The free call answered ${response.status}.` });
    output.event({ event: 'free_call', url, status: response.status });
    title(output, 'What is free passes');
    output.line(`  GET ${url}`);
    output.line(`  ${response.status} ${body}`);
  } finally {
    await egress.close();
  }
}

function tellEvent(event: ClientEvent, output: Output): void {
  output.event({ event: event.type, ...withoutType(event) });
  for (const line of linesFor(event)) output.line(line);
}

function withoutType({ type: _type, ...facts }: ClientEvent): Record<string, unknown> {
  return facts;
}

function linesFor(event: ClientEvent): string[] {
  switch (event.type) {
    case 'asked':
      return [`  ${event.method} ${event.url}`];
    case 'challenged':
      return [
        `  ${colors.yellow('402 Payment Required')}: a macaroon, and this invoice`,
        `  ${colors.dim(shorten(event.invoice))}`,
        '',
        heading('The agent reads the invoice itself, and believes nothing else about the price'),
        `  ${formatMsat(event.amountMsat)} for ${JSON.stringify(event.description ?? '')}, payment hash ${shorten(event.paymentHashHex)}`,
      ];
    case 'reserved':
      return [
        `  reserves ${formatMsat(event.amountMsat)} and at most ${formatMsat(event.feeCeilingMsat)} in fees, and writes it down`,
      ];
    case 'paying':
      return ['', heading('It pays, wallet to wallet; the gateway touches no money')];
    case 'paid':
      return [
        `  ${colors.green('settled')}: ${formatMsat(event.amountMsat)}, ${formatMsat(event.feeMsat)} in fees; the preimage is the proof`,
      ];
    case 'redeeming':
      return [
        '',
        heading('It asks again, with the macaroon and the proof'),
        '  Authorization: L402 <macaroon>:<preimage>',
      ];
    default:
      return [];
  }
}

function tellAnswer(result: DemoResult, output: Output): void {
  output.line(`  ${colors.green(String(result.status))} ${result.answer}`);
  output.line(`  X-Payment-Outcome: ${result.outcome ?? 'none'}`);
  title(output, 'What it cost');
  output.line(
    `  ${formatMsat(result.paidMsat)} and ${formatMsat(result.feeMsat)} in fees; ${formatMsat(result.remainingMsat)} of the budget are left`,
  );
  output.line();
}

/** The demo does not take its own word for it: the seller's books must show what the agent says it paid. */
async function checkBooks(world: DemoWorld, { status, paidMsat, paymentHashHex }: DemoResult): Promise<void> {
  const earnedMsat = paymentHashHex === null ? 0 : await world.earnedMsat(paymentHashHex);
  if (status === 200 && paidMsat === world.priceMsat && earnedMsat === world.priceMsat) return;
  throw new SatwayError('DEMO_FAILED', {
    detail: `Paid ${paidMsat} msat, the seller has ${earnedMsat} msat, status ${status}.`,
    fundsMoved: paidMsat > 0 ? 'yes' : 'no',
  });
}

function title(output: Output, text: string): void {
  output.line();
  output.line(heading(text));
}

function heading(text: string): string {
  return colors.bold(text);
}

function shorten(text: string): string {
  return text.length <= 72 ? text : `${text.slice(0, 48)}…${text.slice(-20)}`;
}

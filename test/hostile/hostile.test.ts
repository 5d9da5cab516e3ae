import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { hostileCases } from './cases/index.mjs';

const PROGRAM = fileURLToPath(new URL('./hostile.mjs', import.meta.url));

/** A line of the program; the last three only where something is wrong. */
interface CaseLine {
  readonly case: string;
  readonly paidMsat: number;
  readonly approvedMsat: number;
  readonly outcome: string;
  readonly overpaid?: true;
  readonly leaks?: readonly string[];
  readonly problem?: string;
}

interface Run {
  readonly status: number;
  readonly lastLine: string;
  readonly byName: ReadonlyMap<string, CaseLine>;
}

async function runHostile(...args: string[]): Promise<Run> {
  const child = spawn(process.execPath, [PROGRAM, '--json', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const [status] = (await once(child, 'close')) as [number];
  const lines = text.trimEnd().split('\n');
  const cases = lines.slice(0, -1).map((line) => JSON.parse(line) as CaseLine);
  return { status, lastLine: lines.at(-1) ?? '', byName: new Map(cases.map((each) => [each.case, each])) };
}

/** Both wait most of the time, so they wait at the same time. */
const running = { client: runHostile(), naive: runHostile('--naive') };

describe('the client among peers that lie', () => {
  let run: Run;
  beforeAll(async () => {
    run = await running.client;
  }, 600_000);

  it.each(hostileCases)('$name', ({ name, approvedMsat }) => {
    const line = run.byName.get(name);
    expect(line).toEqual({ case: name, approvedMsat, paidMsat: expect.any(Number), outcome: expect.any(String) });
    expect(line?.paidMsat).toBeLessThanOrEqual(approvedMsat);
  });

  it('overpays nobody and tells nobody a secret', () => {
    expect(run.lastLine).toBe(`{"cases":${hostileCases.length},"overpaid":0,"leaked":0}`);
    expect(run.status).toBe(0);
  });

  it('is asked every case under a name of its own', () => {
    expect(run.byName.size).toBe(hostileCases.length);
    expect(hostileCases.length).toBeGreaterThan(200);
  });
});

describe('a buyer that believes everything', () => {
  let run: Run;
  beforeAll(async () => {
    run = await running.naive;
  }, 600_000);

  it.each(hostileCases.filter(({ naive }) => naive === 'overpaid'))('overpays: $name', ({ name }) => {
    expect(run.byName.get(name)).toMatchObject({ overpaid: true });
  });

  it.each(hostileCases.filter(({ naive }) => naive === 'leaked'))('leaks: $name', ({ name }) => {
    expect(run.byName.get(name)?.leaks?.length).toBeGreaterThan(0);
  });

  it('is told so', () => {
    expect(run.status).toBe(1);
    const { overpaid, leaked } = JSON.parse(run.lastLine) as { overpaid: number; leaked: number };
    expect(overpaid).toBeGreaterThan(100);
    expect(leaked).toBeGreaterThan(50);
  });
});

describe('npm run hostile', () => {
  it('runs the cases that are named', async () => {
    const { lastLine, byName } = await runHostile('--case', 'invoice: no amount');
    expect(JSON.parse(lastLine)).toEqual({ cases: byName.size, overpaid: 0, leaked: 0 });
    expect([...byName.keys()].every((name) => name.includes('no amount'))).toBe(true);
  });

  it('fails when no case is left', async () => {
    expect((await runHostile('--case', 'there is no such case')).status).toBe(1);
  });
});

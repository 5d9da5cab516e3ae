import { readFileSync } from 'node:fs';
import { WALLET_VARIABLES } from '@satway/wallets/environment';
import type { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { judgeFacts } from '../../src/doctor/judge.js';
import { EXIT } from '../../src/exit-codes.js';
import { createProgram } from '../../src/program.js';
import { factsWith } from '../doctor/facts.js';

const docs = readFileSync(new URL('../../../../docs/cli.md', import.meta.url), 'utf8');
/** Headings in backticks are commands; each has the text up to the next heading. */
const sections = new Map(
  docs
    .split(/^(?=##)/m)
    .map((text) => [/^##+ `(satway [^`]+)`/.exec(text)?.[1] ?? '', text] as const)
    .filter(([heading]) => heading !== ''),
);

function commandsOf(command: Command, path: string): [heading: string, command: Command][] {
  return command.commands.flatMap((each): [string, Command][] => {
    const name = `${path} ${each.name()}`;
    const parts = each.registeredArguments.map((arg) => (arg.required ? `<${arg.name()}>` : `[${arg.name()}]`));
    return [[[name, ...parts].join(' '), each], ...commandsOf(each, name)];
  });
}

const commands = commandsOf(await createProgram(), 'satway');

function rowOf(option: Option): string {
  const choices = option.argChoices === undefined ? '' : ` (${option.argChoices.join(', ')})`;
  const usual = option.defaultValue === undefined ? '' : ` (default: ${String(option.defaultValue)})`;
  return `| \`${option.flags}\` | ${option.description}${choices}${usual}${option.mandatory ? ' (required)' : ''} |`;
}

const rowsIn = (text: string, first: RegExp): string[] => text.split('\n').filter((line) => first.test(line));

describe('docs/cli.md', () => {
  it('has a section for each command, and for nothing else', () => {
    expect([...sections.keys()]).toEqual(commands.map(([heading]) => heading));
  });

  it.each(commands)('says of %s what its own help says, option by option', (heading, command) => {
    const section = sections.get(heading) ?? '';
    expect(section).toContain(command.description());
    expect(rowsIn(section, /^\| `-/)).toEqual(command.options.map(rowOf));
  });

  it('lists every exit code once', () => {
    const codes = rowsIn(docs, /^\| \d/).map((row) => Number(/\d+/.exec(row)?.[0]));
    expect(codes).toEqual(Object.values(EXIT));
  });

  it('lists every line of the doctor’s checklist, in its order', () => {
    const ids = rowsIn(sections.get('satway doctor') ?? '', /^\| `[a-z]/).map((row) => /`([^`]+)`/.exec(row)?.[1]);
    expect(ids).toEqual(judgeFacts(factsWith()).map(({ id }) => id));
  });

  it('names every variable of a wallet, and those of the limits', () => {
    const limits = ['BUDGET_SATS', 'MAX_AUTO_PAY_SATS', 'SATWAY_MAX_BALANCE_SATS', 'SATWAY_HOME'];
    for (const variable of [...Object.values(WALLET_VARIABLES).flat(), ...limits])
      expect(docs).toContain(`\`${variable}\``);
  });

  it('is not needed to find help: each command says what it does, and has help of its own', () => {
    for (const [, command] of commands) {
      expect(command.description()).toMatch(/\.$/);
      expect(command.helpInformation()).toContain('Usage: ');
    }
  });
});

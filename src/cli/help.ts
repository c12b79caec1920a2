import type { Flag } from './arguments.ts'
import { COMMANDS } from './command-table.ts'
import type { Command } from './command-table/command.ts'

const GAP = 2

/** The help of the whole program. */
export function helpText(): string {
  return [
    'Troupe runs AI agents as actors that can be seen, bounded and stopped.',
    '',
    'Usage',
    '  troupe <command> [flags]',
    '',
    'Commands',
    ...table(COMMANDS.map(({ name, what }) => [name, what])),
    '',
    'Flags',
    ...table([
      ['-h, --help', 'Shows this; behind a command, its own help.'],
      ['-V, --version', 'Shows the version.'],
    ]),
    '',
    'Environment',
    ...table([
      [
        'OPENAI_API_KEY',
        'Your key. Without it and without a base URL, the built-in rule-driven model works.',
      ],
      ['OPENAI_BASE_URL', 'Another server that speaks Chat Completions, such as http://127.0.0.1:11434/v1.'],
      ['TROUPE_HOME', 'Your own settings and what you trust. Default: ~/.troupe'],
    ]),
    '',
    'Example',
    '  troupe run "Survey this repository and say what to mend first."',
    '',
  ].join('\n')
}

/** The help of one command. */
export function helpOf({ name, operands, what, flags, notes, examples }: Command): string {
  return [
    what,
    '',
    'Usage',
    `  troupe ${[name, operands, '[flags]'].filter((it) => it !== '').join(' ')}`,
    '',
    'Flags',
    ...table(flags.map((flag) => [spelling(flag), flag.what])),
    '',
    ...notes,
    '',
    examples.length === 1 ? 'Example' : 'Examples',
    ...examples.map((line) => `  ${line}`),
    '',
  ].join('\n')
}

function spelling({ name, short, value }: Flag): string {
  return `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + GAP
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`)
}

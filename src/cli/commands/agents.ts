import { agentsOf } from '../../hosts/agent-files.ts'
import { BUILTIN_AGENTS } from '../../hosts/builtin-agents.ts'
import { userDirectory } from '../../hosts/trust.ts'
import { readWorkspace, type Workspace } from '../../hosts/workspace.ts'
import type { Agent } from '../../protocol/agent.ts'
import { BUILTIN_TOOLS } from '../../tools/builtin.ts'
import type { Arguments } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { printResult } from '../output.ts'
import { safeJson, safeLine } from '../safe-text.ts'
import { workspaceOf } from '../workspace-flag.ts'
import { looksOf, painted, type Row, span } from '../terminal/style.ts'
import { padTo, widthOf, wrapped } from '../terminal/width.ts'

const COLUMNS_MAX = 100

export async function agentsCommand(given: Arguments): Promise<number> {
  const workspace = await workspaceOf(given)
  const found = await readWorkspace({
    workspace,
    home: userDirectory(process.env),
    tools: [...BUILTIN_TOOLS],
  })
  const whence = whenceOf(found)
  if (given.has('json')) {
    const agents = found.agents.map((agent) => ({ ...told(agent), from: whence(agent) }))
    printResult(`${safeJson({ agents, refused: found.warnings, ignored: found.trust.ignored })}\n`)
    return EXIT.done
  }
  const columns = Math.min(COLUMNS_MAX, process.stdout.columns || COLUMNS_MAX) - 1
  const { isColoured } = looksOf(process.stdout.isTTY, process.env)
  const rows = [
    ...found.agents.flatMap((agent) => agentRows(agent, whence(agent), columns)),
    ...listed('Refused', found.warnings, columns),
    ...listed('Ignored until you trust this folder (troupe trust)', found.trust.ignored, columns),
  ]
  printResult(rows.map((row) => `${painted(row, isColoured)}\n`).join(''))
  return EXIT.done
}

/** What a script is told of an agent: everything but its instructions. */
function told({ name, description, model, tools, disallowedTools, maxTurns, timeoutMs, boundary }: Agent) {
  return {
    name,
    description,
    model: model ?? null,
    tools: tools ?? null,
    disallowedTools: disallowedTools ?? [],
    maxTurns: maxTurns ?? null,
    timeoutMs: timeoutMs ?? null,
    boundary: boundary ?? null,
  }
}

/** The file an agent stands in. Each is read alone, because the name in it need not be that of the file. */
function whenceOf({ trust }: Workspace): (agent: Agent) => string {
  const { files, isTrusted } = trust
  const paths = new Map<string, string>()
  for (const file of files.agents) {
    const options = { isTrusted, tools: [...BUILTIN_TOOLS] }
    const { agents } = agentsOf({ ...files, agents: [file] }, options)
    for (const { name } of agents) if (!paths.has(name)) paths.set(name, file.path)
  }
  return (agent) =>
    BUILTIN_AGENTS.includes(agent) ? 'built in' : (paths.get(agent.name) ?? 'this workspace')
}

function agentRows(agent: Agent, from: string, columns: number): readonly Row[] {
  const { name, description, tools, disallowedTools = [], model, boundary, maxTurns } = agent
  const left = [...(tools ?? []), ...disallowedTools.map((tool) => `not ${tool}`)]
  const limits = maxTurns === undefined ? '' : `at most ${maxTurns} turns`
  return [
    [span(safeLine(name), 'strong'), span(`  ${safeLine(from)}`, 'faint')],
    ...wrapped(safeLine(description), columns - 2).map((line) => [span(`  ${line}`)]),
    ...labelled('tools', left.length > 0 ? left.join(', ') : 'all', columns),
    ...(model === undefined ? [] : labelled('model', model, columns)),
    ...(boundary === undefined ? [] : labelled('boundary', boundaryInWords(boundary), columns)),
    ...(limits === '' ? [] : labelled('limits', limits, columns)),
    [],
  ]
}

function boundaryInWords(boundary: NonNullable<Agent['boundary']>): string {
  return Object.entries(boundary)
    .map(([key, value]) => {
      if (!Array.isArray(value)) return key
      return value.length === 0 ? `${key}: nothing` : `${key}: ${value.join(' ')}`
    })
    .join(' · ')
}

function labelled(label: string, text: string, columns: number): readonly Row[] {
  const head = padTo(`  ${label}`, 12)
  return wrapped(safeLine(text), columns - widthOf(head)).map((line, at) => [
    span(at === 0 ? head : ' '.repeat(widthOf(head)), 'faint'),
    span(line, 'faint'),
  ])
}

function listed(title: string, items: readonly string[], columns: number): readonly Row[] {
  if (items.length === 0) return []
  const rows = items.flatMap((item) =>
    wrapped(safeLine(item), columns - 4).map(
      (line, at): Row => [span(at === 0 ? '  ! ' : '    ', 'caution'), span(line)],
    ),
  )
  return [[span(title, 'caution')], ...rows, []]
}

import type { Call } from '../../protocol/model.ts'
import { counted } from './amounts.ts'

/** What a call is mainly about, by the names that tools give it. The first that is there is taken. */
const MAIN = [
  'command',
  'pattern',
  'query',
  'path',
  'file',
  'question',
  'text',
  'message',
  'task',
  'url',
  'name',
]
const CHARACTERS_MAX = 500

/** The main argument of a call in a few words; empty when there is none. */
export function argumentOf({ input, malformed }: Call): string {
  if (malformed !== undefined) return malformed.slice(0, CHARACTERS_MAX)
  if (typeof input !== 'object' || input === null) return ''
  const given = new Map<string, unknown>(Object.entries(input))
  const patch = given.get('patch')
  if (typeof patch === 'string') return filesIn(patch)
  const todos = given.get('todos')
  if (Array.isArray(todos)) return stepsIn(todos)

  const tasks = given.get('tasks')
  if (Array.isArray(tasks)) return counted(tasks.length, 'task')
  const agent = given.get('agent')
  const goal = [given.get('title'), given.get('message')].find((value) => typeof value === 'string')
  if (typeof agent === 'string' && goal !== undefined) return `${agent}: ${goal}`.slice(0, CHARACTERS_MAX)
  const main = MAIN.map((name) => given.get(name)).find((value) => typeof value === 'string')
  if (typeof main !== 'string') return ''
  const place = given.get('pattern') === main ? given.get('path') : undefined
  const text = typeof place === 'string' && place !== '.' ? `${place}: ${main}` : main
  return text.slice(0, CHARACTERS_MAX)
}

function filesIn(patch: string): string {
  const files = [...patch.matchAll(/^\*\*\* (?:Add|Update|Delete) File: (.+)$/gm)].map(
    ([, path = '']) => path,
  )
  return files.join(', ').slice(0, CHARACTERS_MAX)
}

function stepsIn(todos: readonly unknown[]): string {
  const done = todos.filter(
    (it) => typeof it === 'object' && it !== null && 'status' in it && it.status === 'done',
  )
  return `${done.length} of ${todos.length} done`
}

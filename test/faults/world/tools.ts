/** Tools with effects that can be counted: each is a line in a file outside of the workspace. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { defineTool, type Tool, type ToolContext } from '../../../src/tools/tool.ts'
import type { Killing } from './killing.ts'
import { NOTES } from './plan.ts'

const input = z.strictObject({ text: z.string() })
const NO_FILES = { reads: [], writes: [], command: null }

export function countedTools(directory: string, killing: Killing): readonly Tool[] {
  const linesOf = (file: keyof typeof NOTES) => {
    const path = join(directory, NOTES[file])
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
  }
  const effect =
    (name: string, file: keyof typeof NOTES) =>
    ({ text }: { text: string }, { idempotencyKey }: Pick<ToolContext, 'idempotencyKey'>) => {
      killing.at(`effect before ${name}`)
      killing.note(file, `${idempotencyKey} ${text}`)
      killing.at(`effect after ${name}`)
      return `${name} done`
    }

  return [
    defineTool({ name: 'mail', description: 'Sends a mail.', input, execute: effect('mail', 'mails') }),
    defineTool({ name: 'deploy', description: 'Deploys.', input, execute: effect('deploy', 'deployments') }),
    defineTool({
      name: 'stamp',
      description: 'Stamps, as often as asked, with one and the same stamp.',
      input,
      effect: 'idempotent',
      execute: effect('stamp', 'stamps'),
    }),
    defineTool({
      name: 'pay',
      description: 'Pays. Whoever asks is told whether it was paid.',
      input,
      execute: effect('pay', 'payments'),
      async reconcile(_, { idempotencyKey }) {
        killing.at('effect inquiry pay')
        return linesOf('payments').some((line) => line.startsWith(`${idempotencyKey} `))
          ? { kind: 'ok', output: 'pay done' }
          : { kind: 'failed', code: 'tool/not-done', message: 'It was not paid.' }
      },
    }),
    defineTool({
      name: 'look',
      description: 'Says whether something has happened.',
      input: z.strictObject({ file: z.enum(Object.keys(NOTES) as (keyof typeof NOTES)[]), text: z.string() }),
      effect: 'pure',
      access: () => NO_FILES,
      execute: ({ file, text }) =>
        linesOf(file).some((line) => line === text || line.endsWith(` ${text}`)) ? 'yes' : 'no',
    }),
  ]
}

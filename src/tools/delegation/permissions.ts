import { z } from 'zod'
import { strict } from '../strict.ts'

const globs = z.array(z.string())
const names = z.array(z.string())

/**
 * What a model may say of a task's boundary: one layer more, which can only make it narrower. The patterns
 * are read where the task is admitted, before anything begins.
 */
export const permissionsInput = strict({
  filePatterns: globs.optional().describe('Globs of the only files it may read or write: ["src/**"]'),
  writePatterns: globs.optional().describe('Globs of the only files it may write: ["test/**"]'),
  commandPatterns: z
    .array(z.string())
    .optional()
    .describe(
      'The only commands it may run, as words, not regex: "npm test" is that and no more, "ls:*" also with further words',
    ),
  allowedTools: names.optional().describe('The only tools it has, besides those to plan, ask and end'),
  deniedTools: names.optional().describe('Tools that it and other tools that do the same are denied'),
  readOnly: z
    .boolean()
    .refine((isReadOnly) => isReadOnly, 'can only be true; leave it out where the task may write')
    .optional()
    .describe('true: it changes nothing'),
}).describe(
  'What it may touch at most, of what you may touch yourself. Give what the part needs and no more. ' +
    'An empty list is nothing; a key left out is no limit of its own.',
)

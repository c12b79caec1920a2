import { z } from 'zod'
import { strict } from './strict.ts'
import { defineTool } from './tool.ts'

const RESULT_CHARACTERS_MAX = 100_000

/** Ends the task. The runtime reads the result from the call's input. */
export const attemptCompletion = () =>
  defineTool({
    name: 'attempt_completion',
    description:
      "Ends the task with your result. Call it alone, when the work is done and checked, or when it is certain that it can't be done: " +
      'then say why. It is refused once when a step is still open or a call beside it failed.',
    input: strict({
      result: z
        .string()
        .max(RESULT_CHARACTERS_MAX)
        .refine((text) => text.trim() !== '', 'must not be blank: say what was done or found')
        .describe(
          'What was done or found, for someone who has seen nothing of the work. No question at its end.',
        ),
      data: z.unknown().optional().describe('The result as data, where the task asks for it.'),
    }),
    effect: 'pure',
    access: () => ({ reads: [], writes: [], command: null, isInner: true }),
    execute: () => 'Done.',
  })

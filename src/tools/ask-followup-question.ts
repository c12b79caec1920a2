import { z } from 'zod'
import { RuntimeError } from '../errors.ts'
import { strict } from './strict.ts'
import { defineTool } from './tool.ts'

const QUESTION_CHARACTERS_MAX = 4000
const OPTIONS_MAX = 10
const OPTION_CHARACTERS_MAX = 500

/** Asks the person a question. The runtime puts it to them, and their words are the call's result. */
export const askFollowupQuestion = () =>
  defineTool({
    name: 'ask_followup_question',
    description:
      'Asks the user a question and waits for the answer, which is the result. Only for what you can neither find out nor decide ' +
      'yourself. Fails with human/unreachable where nobody can be asked: then decide, and say in your result what you assumed.',
    input: strict({
      question: z
        .string()
        .trim()
        .min(1)
        .max(QUESTION_CHARACTERS_MAX)
        .describe('One question, with what is needed to answer it.'),
      options: z
        .array(z.string().trim().min(1).max(OPTION_CHARACTERS_MAX))
        .max(OPTIONS_MAX)
        .optional()
        .describe('Answers to choose from, the one you would take first. The user may answer otherwise.'),
    }),
    effect: 'pure',
    access: () => ({ reads: [], writes: [], command: null, isInner: true }),
    question: ({ question, options }) => ({ text: question, options: options ?? [] }),
    execute() {
      throw new RuntimeError(
        'human/unreachable',
        'Nobody can be asked here. Decide yourself, and say what you assumed.',
      )
    },
  })

import { z } from 'zod'
import { strict } from './strict.ts'
import { defineTool } from './tool.ts'

const TODOS_MAX = 50
const TEXT_CHARACTERS_MAX = 500

const todo = strict({
  text: z.string().trim().min(1).max(TEXT_CHARACTERS_MAX).describe('The step, in a few words.'),
  status: z.enum(['open', 'doing', 'done']).describe('How it stands.'),
})

/** Sets the steps that the model means to take. People see them; the end of a task asks for them. */
export const updateTodoList = () =>
  defineTool({
    name: 'update_todo_list',
    description:
      `Sets your list of steps, all of them each time, at most ${TODOS_MAX}. Use it for work of several steps: mark one step ` +
      '"doing", and "done" as soon as it is. Steps that are still open are a reason not to end the task.',
    input: strict({ todos: z.array(todo).max(TODOS_MAX).describe('The whole list, in order.') }),
    effect: 'pure',
    access: () => ({ reads: [], writes: [], command: null, isInner: true }),
    todos: ({ todos }) => todos,
    execute({ todos }) {
      const count = (status: string) => todos.filter((it) => it.status === status).length
      return `Steps: ${count('done')} done, ${count('doing')} doing, ${count('open')} open.`
    },
  })

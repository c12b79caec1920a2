/** The charts, for whoever wants to draw, test or embed them: `troupe/machines`. */
export { supervisorMachine } from './supervisor.ts'
export { taskMachine } from './task.ts'
export type { TaskContext } from './task-context.ts'
export { toolCallMachine } from './tool-call.ts'

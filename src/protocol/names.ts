/** Tools that the charts and the boundary know by name: those by which a task asks, plans and ends. */
export const COMPLETION_TOOL = 'attempt_completion'
export const QUESTION_TOOL = 'ask_followup_question'
export const TODO_TOOL = 'update_todo_list'

/** The tools by which a task has others work for it. */
export const SPAWN_TOOL = 'new_task'
export const DELEGATION_TOOLS: readonly string[] = [SPAWN_TOOL, 'list_tasks', 'wait_for_tasks', 'cancel_task']

/** The tools a task needs to end or to ask. No boundary can take them away. */
export const ESSENTIAL_TOOLS: readonly string[] = [COMPLETION_TOOL, QUESTION_TOOL, TODO_TOOL]

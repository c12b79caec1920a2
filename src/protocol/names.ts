/** Tools that the charts and the boundary know by name: those by which a task asks, plans and ends. */
export const COMPLETION_TOOL = 'attempt_completion'
export const QUESTION_TOOL = 'ask_followup_question'
export const TODO_TOOL = 'update_todo_list'

/** The tools a task needs to end or to ask. No boundary can take them away. */
export const ESSENTIAL_TOOLS: readonly string[] = [COMPLETION_TOOL, QUESTION_TOOL, TODO_TOOL]

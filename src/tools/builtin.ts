import type { Files, Processes } from '../host.ts'
import { applyPatch } from './apply-patch.ts'
import { askFollowupQuestion } from './ask-followup-question.ts'
import { attemptCompletion } from './attempt-completion.ts'
import { editFile } from './edit-file.ts'
import { executeCommand } from './execute-command.ts'
import { listFiles } from './list-files.ts'
import { readFile } from './read-file.ts'
import { searchFiles } from './search-files.ts'
import type { Tool } from './tool.ts'
import { updateTodoList } from './update-todo-list.ts'
import { writeFile } from './write-file.ts'

/** The names of the built-in tools, in the order in which a model is told of them. */
export const BUILTIN_TOOLS = [
  'list_files',
  'read_file',
  'search_files',
  'write_file',
  'edit_file',
  'apply_patch',
  'execute_command',
  'update_todo_list',
  'ask_followup_question',
  'attempt_completion',
] as const

/** The built-in tools of one runtime. */
export function builtinTools({ files, processes }: { files: Files; processes: Processes }): readonly Tool[] {
  return [
    listFiles(files),
    readFile(files),
    searchFiles(files),
    writeFile(files),
    editFile(files),
    applyPatch(files),
    executeCommand(files, processes),
    updateTodoList(),
    askFollowupQuestion(),
    attemptCompletion(),
  ]
}

/** The public names of `troupe`, and nothing else. */
export type { OpenRequest } from './actors/open-requests.ts'
export { Bug, RuntimeError, UsageError } from './errors.ts'
export type {
  Approval,
  ApprovalRequest,
  Clock,
  Hooks,
  Human,
  Kept,
  Lease,
  Model,
  ModelContext,
  Notice,
  Part,
  Processes,
  Question,
  RunAbout,
  RunStop,
  Store,
  TaskAbout,
  TaskRecord,
  Workplace,
} from './host.ts'
export { type SqliteOptions, type StoreMaker, sqlite } from './hosts/keeping/default-store.ts'
export { defineAgent } from './hosts/define-agent.ts'
export { createRuntime, type RuntimeOptions } from './hosts/node.ts'
export { embedded } from './models/embedded.ts'
export { type OpenAIOptions, openai } from './models/openai.ts'
export type { Agent } from './protocol/agent.ts'
export type { Concurrency, Elsewhere, Slot } from './protocol/concurrency.ts'
export type { ChildReport, Until, Wait } from './protocol/delegation.ts'
export type {
  Access,
  Action,
  GivenPolicy,
  GivenRule,
  Layer,
  Mode,
  Policy,
  PolicyRule,
  Verdict,
} from './protocol/boundary.ts'
export type { Entry, Fact, ProcessMark, TaskEvent } from './protocol/journal.ts'
export type {
  AskedCall,
  Call,
  EffectClass,
  Line,
  ModelReply,
  ModelRequest,
  Result,
  ToolSpec,
  Usage,
} from './protocol/model.ts'
export type {
  Failure,
  Holder,
  Limits,
  Outcome,
  TaskSpec,
  TaskStatus,
  TaskView,
  Todo,
} from './protocol/task.ts'
export type { RemoteAnswer, RemoteOrder } from './protocol/remote.ts'
export type { Approvals, Follow, Runtime } from './runtime.ts'
export type { RunRequest } from './runtime/starting/admission.ts'
export type { Inspect } from './runtime/assembly.ts'
export type { Continuation } from './runtime/starting/continuing.ts'
export type { FollowTask, Task } from './runtime/starting/handle.ts'
export type { TaskResult } from './runtime/result.ts'
export type { Load } from './runtime/supervisor.ts'
export type { Hold, HumanAnswer, Release } from './runtime/wishes/wishes.ts'
export type { TaskFilter } from './runtime/views.ts'
export { memoryStore } from './stores/memory.ts'
export {
  defineTool,
  type ReconcileContext,
  type Schema,
  type Tool,
  type ToolContext,
  type ToolDefinition,
} from './tools/tool.ts'

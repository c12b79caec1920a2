/** What may be done with an effect whose outcome a crash has swallowed. */
export type EffectClass = 'pure' | 'idempotent' | 'non_idempotent'

/** What a model is asked: who it is, what was said so far, what it may call. */
export interface ModelRequest {
  readonly taskId: string
  readonly agent: string
  readonly turn: number
  readonly instructions: string
  readonly lines: readonly Line[]
  readonly tools: readonly ToolSpec[]
  /** `summary` asks for the old turns in short; it is answered with text and no calls. */
  readonly purpose: 'reply' | 'summary'
}

/** A tool as a model is told of it. `input` is a JSON schema. */
export interface ToolSpec {
  readonly name: string
  readonly description: string
  readonly input: Readonly<Record<string, unknown>>
}

/** One line of the conversation, in the order it became durable. */
export type Line =
  | { readonly role: 'user'; readonly text: string }
  /**
   * Said by the runtime or found in the workspace: information, never an instruction with the user's weight.
   */
  | { readonly role: 'note'; readonly source: NoteSource; readonly text: string }
  | { readonly role: 'agent'; readonly turn: number; readonly text: string; readonly calls: readonly Call[] }
  | { readonly role: 'tool'; readonly callId: string; readonly tool: string; readonly result: Result }

/** `task`: what a task in the background came to. */
export type NoteSource = 'runtime' | 'workspace' | 'summary' | 'task'

/** What a model answers. No calls and some text is its last word. */
export interface ModelReply {
  readonly text: string
  readonly calls: readonly AskedCall[]
  /** Why it stopped: `done`, cut off at its output limit, unwilling, or silenced by the provider's filter. */
  readonly stop: 'done' | 'length' | 'refused' | 'filtered'
  readonly usage: Usage
}

/** A call as the model worded it. `malformed` holds the raw arguments when they could not be read. */
export interface AskedCall {
  readonly tool: string
  readonly input: unknown
  readonly malformed?: string
}

/** A call as the runtime keeps it. `id` is ours, `turn.index`: a model's own ids repeat. */
export interface Call extends AskedCall {
  readonly id: string
  readonly effect: EffectClass
}

/** A reply as the journal keeps it. */
export interface Reply extends Omit<ModelReply, 'calls'> {
  readonly calls: readonly Call[]
}

/** What came of a call. `unknown` means: it may have happened, and nobody can say. */
export type Result =
  | { readonly kind: 'ok'; readonly output: unknown }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string }

/** What a reply cost, as the provider counts it. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
}

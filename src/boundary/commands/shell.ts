import {
  forEachChild,
  parse,
  type Assignment,
  type Command,
  type ParsedScript,
  type Redirection,
  type SyntaxNode,
  type Word,
} from 'unbash'
import { mayEvaluate, newEvaluation, noteEvaluation, type Evaluation } from './bash/evaluation.ts'
import { ALTERNATIVES_MAX, isStaticPart, shapesOf, wordOf } from './bash/words.ts'

/**
 * A line of bash as it was parsed: the commands in it, wherever they stand, and every word that may
 * name something.
 */
export type ShellLine =
  | { readonly kind: 'unreadable'; readonly why: string }
  | {
      readonly kind: 'read'
      readonly commands: readonly SimpleCommand[]
      /**
       * Nothing but simple commands, joined by `&&`, `||`, `;`, `|` or a new line, with nothing inside a
       * word or a document that bash would run or set.
       */
      readonly isPlain: boolean
      /** Each command of it runs only if all before it went well: all are joined by `&&`. */
      readonly isChain: boolean
      /** Every word, wherever it stands; what bash would put in place of a part is a wildcard. */
      readonly mentions: readonly string[]
      /** Those among them that come out as whatever a variable or a command says. */
      readonly expansions: ReadonlySet<string>
      /** It may run what stands in a quoted text of it, as arithmetic and an index do. */
      readonly evaluates?: boolean
      /** The halves of that, for lines inside a line: something is worked out; a text would run. */
      readonly reckons?: boolean
      readonly holdsCode?: boolean
    }

export interface SimpleCommand {
  /** The name and what follows it. `value` is `null` where bash has something left to expand. */
  readonly words: readonly ShellWord[]
  /** Variables that are set in front of it, or all that there is. */
  readonly assignments: readonly Assigned[]
  /** The files it reads from and writes to: neither `/dev/null` nor another stream. */
  readonly redirections: readonly Redirected[]
  /** It runs in the shell of the line itself, neither in a pipe nor inside something else. */
  readonly isOwnStep: boolean
}

export interface ShellWord {
  /** What bash makes of it; `null` where it has something left to expand. */
  readonly value: string | null
  /** The same with a wildcard for every part that bash would put something else in place of. */
  readonly shape: string
  /** Unquoted wildcards and braces are all there is to expand: names of files, or as it stands. */
  readonly isGlob: boolean
  /** The shapes it may come out in, where braces offer a choice; none: nobody knows. */
  readonly ways?: readonly string[]
}

export interface Assigned {
  readonly name: string
  /** `null` where it is no plain word. */
  readonly value: string | null
}

export interface Redirected {
  readonly target: ShellWord
  readonly access: 'read' | 'write'
}

export const LINE_BYTES_MAX = 65_536
/** What opens something inside a line. More of them, and parsing would take too long. */
const OPENERS_MAX = 1_000
/** Quotes, assignments and wildcards. */
const MARKS_MAX = 4_000
/** What may end a command, and what parts words, also inside quotes and documents. */
const JOINTS_MAX = 4_000
const BLANKS_MAX = 12_000
/**
 * Simple commands, wherever they stand, their words and the files they open. More, and judging would take too
 * long.
 */
const COMMANDS_MAX = 1_000
const WORDS_MAX = 3_000
const REDIRECTIONS_MAX = 200

/** Parses a line. Whatever is wrong with it, at any depth, makes it unreadable. */
export function readLine(line: string): ShellLine {
  if (new TextEncoder().encode(line).length > LINE_BYTES_MAX)
    return unreadable(`it is longer than ${LINE_BYTES_MAX} bytes`)
  if (line.includes('\0')) return unreadable('it has a null character in it')
  if (
    countOf(/[({`[$]|<</g, line) > OPENERS_MAX ||
    countOf(/['"=*?]/g, line) > MARKS_MAX ||
    countOf(/[;|&\n]/g, line) > JOINTS_MAX ||
    countOf(/[ \t]+/g, line) > BLANKS_MAX
  )
    return unreadable('there is too much in it to be looked at')

  const gathered: Gathered = {
    commands: [],
    mentions: [],
    expansions: new Set(),
    isPlain: true,
    flaw: null,
    steps: new Set(),
    evaluation: newEvaluation(),
  }
  let isChain = false
  try {
    const script = parse(line)
    gathered.isPlain = isPlain(script)
    isChain = gathered.isPlain && joinedByAnd(script)
    gathered.steps = new Set(stepsOf(script))
    gather(script, gathered)
  } catch (error) {
    return unreadable(error instanceof Error ? error.message : String(error))
  }
  if (gathered.flaw !== null) return unreadable(gathered.flaw)
  const { commands, mentions, expansions } = gathered
  const crowd = crowdIn(commands)
  if (crowd !== null) return unreadable(crowd)
  return {
    kind: 'read',
    commands,
    isPlain: gathered.isPlain,
    isChain: isChain && gathered.isPlain,
    mentions,
    expansions,
    evaluates: mayEvaluate(gathered.evaluation),
    reckons: gathered.evaluation.reckoned.size > 0,
    holdsCode: gathered.evaluation.holdsCode,
  }
}

function crowdIn(commands: readonly SimpleCommand[]): string | null {
  const sum = (count: (command: SimpleCommand) => number) =>
    commands.reduce((total, command) => total + count(command), 0)
  if (commands.length > COMMANDS_MAX) return `it has more than ${COMMANDS_MAX} commands`
  if (sum(({ words }) => words.length) > WORDS_MAX) return `it has more than ${WORDS_MAX} words`
  if (sum(({ redirections }) => redirections.length) > REDIRECTIONS_MAX)
    return `it opens more than ${REDIRECTIONS_MAX} files`
  return null
}

function countOf(what: RegExp, line: string): number {
  return line.match(what)?.length ?? 0
}

interface Gathered {
  readonly commands: SimpleCommand[]
  readonly mentions: string[]
  readonly expansions: Set<string>
  readonly evaluation: Evaluation
  isPlain: boolean
  flaw: string | null
  /** The commands that the shell of the line runs itself. */
  steps: ReadonlySet<SyntaxNode>
}

function unreadable(why: string): ShellLine {
  return { kind: 'unreadable', why }
}

/** Walks everything, also what stands inside words: the commands found there run as well. */
function gather(node: SyntaxNode, into: Gathered): void {
  if (node.type === 'Script') into.flaw ??= (node as ParsedScript).errors?.[0]?.message ?? null
  noteEvaluation(node, into.evaluation)
  if (lacksItsInside(node)) into.flaw ??= 'an expansion in it could not be read'
  if (RUNS_INSIDE.has(node.type)) into.isPlain = false
  if (node.type === 'Command') {
    into.commands.push(simpleCommand(node, into.steps.has(node)))
    if (node.redirects.some(setsOrExpands)) into.isPlain = false
  }
  if (node.type === 'Word') mention(node, into)
  if (node.type === 'HereDocBody') into.mentions.push(node.text)
  if (node.type === 'Assignment') into.mentions.push(node.text)
  forEachChild(node, (child) => gather(child, into))
}

function mention(word: Word, into: Gathered): void {
  const { value, isGlob } = wordOf(word)
  if (value !== null) return void into.mentions.push(value)
  const shapes = shapesOf(word.parts ?? [])
  if (!isGlob) for (const shape of shapes) into.expansions.add(shape)
  if (shapes.length > ALTERNATIVES_MAX) into.flaw ??= 'a word in it may come out in too many ways'
  into.mentions.push(...(shapes.length === 0 ? [word.value] : shapes))
}

function lacksItsInside(node: SyntaxNode): boolean {
  if (node.type === 'CommandExpansion' || node.type === 'ProcessSubstitution')
    return node.script === undefined
  if (node.type === 'ArithmeticExpansion' || node.type === 'ArithmeticCommand')
    return node.expression === undefined
  return node.type === 'ParameterExpansion' && node.operation?.type === 'Unknown'
}

function isPlain(script: ParsedScript): boolean {
  return script.commands.every((statement) => {
    if (statement.background) return false
    const joined = statement.command.type === 'AndOr' ? statement.command.commands : [statement.command]
    return joined.every((node) => {
      if (node.type !== 'Pipeline') return node.type === 'Command'
      return node.commands.every((command) => command.type === 'Command')
    })
  })
}

/** What makes bash run something, wherever it stands. */
const RUNS_INSIDE: ReadonlySet<string> = new Set([
  'CommandExpansion',
  'ProcessSubstitution',
  'ArithmeticCommandExpansion',
  'Function',
  'Coproc',
])

/** `{fd}>x` sets a variable, and what stands in a document may set one when it is expanded. */
function setsOrExpands(redirection: Redirection): boolean {
  if (redirection.descriptor?.type === 'FileDescriptorVariable') return true
  if (redirection.type === 'HereDoc') return !(redirection.body.parts ?? []).every(isStaticPart)
  return (
    redirection.type === 'HereString' &&
    redirection.target !== undefined &&
    wordOf(redirection.target).value === null
  )
}

/** The commands of a line that no pipe and no other shell runs. */
function stepsOf(script: ParsedScript): readonly Command[] {
  return script.commands.flatMap(({ command }) =>
    (command.type === 'AndOr' ? command.commands : [command]).flatMap((node) =>
      node.type === 'Command' ? [node] : [],
    ),
  )
}

function joinedByAnd(script: ParsedScript): boolean {
  const [statement, ...more] = script.commands
  if (statement === undefined || more.length > 0) return false
  const { command } = statement
  return command.type !== 'AndOr' || command.operators.every((operator) => operator === '&&')
}

function simpleCommand(command: Command, isOwnStep: boolean): SimpleCommand {
  const words = [command.name, ...command.args].filter((word) => word !== undefined)
  return {
    words: words.map((word) => (word.type === 'Word' ? wordOf(word) : assignmentAsWord(word))),
    assignments: command.prefix.flatMap((node) => (node.type === 'Assignment' ? [assignedBy(node)] : [])),
    redirections: command.redirects.flatMap(redirected),
    isOwnStep,
  }
}

function assignedBy({ name, value, append, index }: Assignment): Assigned {
  const isPlainValue = value.type === 'Word' && append !== true && index === undefined
  return { name, value: isPlainValue ? wordOf(value).value : null }
}

/** `export A=b`: an assignment where a word stands. */
function assignmentAsWord(assignment: Assignment): ShellWord {
  const { name, value } = assignedBy(assignment)
  return { value: value === null ? null : `${name}=${value}`, shape: assignment.text, isGlob: false }
}

/** The file that a redirection opens, if it opens one. */
function redirected(redirection: Redirection): readonly Redirected[] {
  if (redirection.type !== 'Redirect' || redirection.target === undefined) return []
  const target = wordOf(redirection.target)
  const { operator } = redirection
  if ((operator === '>&' || operator === '<&') && target.value !== null && /^(\d+-?|-)$/.test(target.value))
    return []
  const access = operator === '<' || operator === '<&' ? 'read' : 'write'
  const isStream = access === 'write' && target.value !== null && STREAMS.has(target.value)
  if (isStream) return []
  return operator === '<>'
    ? [
        { target, access: 'read' },
        { target, access },
      ]
    : [{ target, access }]
}

const STREAMS: ReadonlySet<string> = new Set(['/dev/null', '/dev/stdout', '/dev/stderr'])

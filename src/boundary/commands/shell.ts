import {
  forEachChild,
  parse,
  type Command,
  type ParsedScript,
  type Redirection,
  type SyntaxNode,
  type Word,
  type WordPart,
} from 'unbash'

/**
 * A line of bash as it was parsed: the commands in it, wherever they stand, and every word that may
 * name something.
 */
export type ShellLine =
  | { readonly kind: 'unreadable'; readonly why: string }
  | {
      readonly kind: 'read'
      readonly commands: readonly SimpleCommand[]
      /** Nothing but simple commands, joined by `&&`, `||`, `;`, `|` or a new line. */
      readonly isPlain: boolean
      /** Every word, wherever it stands; what bash would put in place of a part is a wildcard. */
      readonly mentions: readonly string[]
    }

export interface SimpleCommand {
  /** The name and what follows it. `value` is `null` where bash has something left to expand. */
  readonly words: readonly ShellWord[]
  readonly hasAssignments: boolean
  /** Sends its output to something else than `/dev/null` or another stream, or reads from somewhere. */
  readonly hasRedirections: boolean
}

export interface ShellWord {
  readonly value: string | null
  readonly shape: string
}

export const LINE_BYTES_MAX = 65_536
/** What opens something inside a line. More of them, and parsing would take too long. */
const OPENERS_MAX = 1_000
/** Quotes, assignments and wildcards. */
const MARKS_MAX = 4_000
/** Simple commands, wherever they stand. More of them, and judging would take too long. */
const COMMANDS_MAX = 1_000
/** Ways a word with braces may come out. */
const ALTERNATIVES_MAX = 32

/** Parses a line. Whatever is wrong with it, at any depth, makes it unreadable. */
export function readLine(line: string): ShellLine {
  if (new TextEncoder().encode(line).length > LINE_BYTES_MAX)
    return unreadable(`it is longer than ${LINE_BYTES_MAX} bytes`)
  if (line.includes('\0')) return unreadable('it has a null character in it')
  if (countOf(/[({`[$]|<</g, line) > OPENERS_MAX || countOf(/['"=*?]/g, line) > MARKS_MAX)
    return unreadable('too much in it stands inside something else')

  const gathered: Gathered = { commands: [], mentions: [], isPlain: true, flaw: null }
  try {
    const script = parse(line)
    gathered.isPlain = isPlain(script)
    gather(script, gathered)
  } catch (error) {
    return unreadable(error instanceof Error ? error.message : String(error))
  }
  if (gathered.flaw !== null) return unreadable(gathered.flaw)
  if (gathered.commands.length > COMMANDS_MAX) return unreadable(`it has more than ${COMMANDS_MAX} commands`)
  return { kind: 'read', commands: gathered.commands, isPlain: gathered.isPlain, mentions: gathered.mentions }
}

function countOf(what: RegExp, line: string): number {
  return line.match(what)?.length ?? 0
}

interface Gathered {
  readonly commands: SimpleCommand[]
  readonly mentions: string[]
  isPlain: boolean
  flaw: string | null
}

function unreadable(why: string): ShellLine {
  return { kind: 'unreadable', why }
}

/** Walks everything, also what stands inside words: the commands found there run as well. */
function gather(node: SyntaxNode, into: Gathered): void {
  if (node.type === 'Script') into.flaw ??= (node as ParsedScript).errors?.[0]?.message ?? null
  if (lacksItsInside(node)) into.flaw ??= 'an expansion in it could not be read'
  if (node.type === 'Command') into.commands.push(simpleCommand(node))
  if (node.type === 'Word') mention(node, into)
  if (node.type === 'HereDocBody') into.mentions.push(node.text)
  if (node.type === 'Assignment') into.mentions.push(node.text)
  forEachChild(node, (child) => gather(child, into))
}

function mention(word: Word, into: Gathered): void {
  const { value } = wordOf(word)
  if (value !== null) return void into.mentions.push(value)
  const shapes = shapesOf(word.parts ?? [])
  if (shapes.length > ALTERNATIVES_MAX) into.flaw ??= 'a word in it may come out in too many ways'
  into.mentions.push(...(shapes.length === 0 ? [word.value] : shapes))
}

/** The ways a word may come out: one for each choice that its braces offer. */
function shapesOf(parts: readonly WordPart[]): readonly string[] {
  let shapes: readonly string[] = parts.length === 0 ? [] : ['']
  for (const part of parts) {
    const choices =
      part.type === 'BraceExpansion' ? part.text.replace(/[{}'"\\]/g, '').split(/,|\.\./) : [shapeOf(part)]
    if (shapes.length * choices.length > ALTERNATIVES_MAX)
      return Array.from({ length: ALTERNATIVES_MAX + 1 }, () => '')
    shapes = shapes.flatMap((shape) => choices.map((choice) => shape + choice))
  }
  return shapes
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
      const isPiped = node.operators.every((operator) => operator === '|')
      return (
        isPiped && node.prefixes.length === 0 && node.commands.every((command) => command.type === 'Command')
      )
    })
  })
}

function simpleCommand(command: Command): SimpleCommand {
  const words = [command.name, ...command.args].filter((word) => word !== undefined)
  return {
    words: words.map((word) => (word.type === 'Word' ? wordOf(word) : { value: null, shape: word.text })),
    hasAssignments: [...command.prefix, ...command.suffix].some((node) => node.type === 'Assignment'),
    hasRedirections: !command.redirects.every(isHarmless),
  }
}

/** `2>&1`, `>/dev/null`: output that goes to the other stream, or nowhere. */
function isHarmless(redirection: Redirection): boolean {
  if (redirection.type !== 'Redirect' || redirection.target === undefined) return false
  const { operator, descriptor } = redirection
  if (
    descriptor &&
    (descriptor.type !== 'FileDescriptor' || (descriptor.value !== 1 && descriptor.value !== 2))
  )
    return false
  const target = wordOf(redirection.target).value
  if (operator === '>&') return target === '1' || target === '2'
  return (operator === '>' || operator === '>>' || operator === '&>') && target === '/dev/null'
}

function wordOf(word: Word): ShellWord {
  // A tilde that begins a word is a home directory, and one after a colon or an equals sign may be.
  const isHome = /(^|[:=])~/.test(word.text)
  const parts = word.parts ?? []
  const isStatic = !isHome && parts.every(isStaticPart)
  return {
    value: isStatic ? word.value : null,
    shape: parts.length === 0 ? word.value : parts.map(shapeOf).join(''),
  }
}

function isStaticPart(part: WordPart): boolean {
  if (part.type === 'DoubleQuoted') return part.parts.every((child) => child.type === 'Literal')
  return part.type === 'Literal' || part.type === 'SingleQuoted'
}

function shapeOf(part: WordPart): string {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return part.value
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.map(shapeOf).join('')
    case 'Glob':
      return part.kind === 'star' ? '*' : '?'
    default:
      return '*'
  }
}

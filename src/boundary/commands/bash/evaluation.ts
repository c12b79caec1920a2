import type { Assignment, Command, SyntaxNode, Word, WordPart } from 'unbash'
import { shapeOf } from './words.ts'

/**
 * What bash works out a second time: arithmetic, an index, a name in a variable. A text in which a
 * substitution is written runs it there, though it was quoted: `x='a[$(rm y)]'; echo $((x))`.
 */
export interface Evaluation {
  /** The names in what is worked out. */
  readonly reckoned: Set<string>
  /** Variables that hold what only running tells. */
  readonly unknown: Set<string>
  /** One of them holds what a program says, or a piece of such a text. */
  isUnknown: boolean
  /** A text in the line is a substitution, if it is ever worked out. */
  holdsCode: boolean
  /** It works out a text whatever it is: `${x@P}`. */
  isCertain: boolean
}

/** Nothing seen yet. */
export function newEvaluation(): Evaluation {
  return { reckoned: new Set(), unknown: new Set(), isUnknown: false, holdsCode: false, isCertain: false }
}

/** Whether a line may run what stands in a text of it. */
export function mayEvaluate({ reckoned, unknown, ...found }: Evaluation): boolean {
  if (found.isCertain) return true
  if (reckoned.size === 0) return false
  return found.holdsCode || (found.isUnknown && [...reckoned].some((name) => unknown.has(name)))
}

/** What would be a substitution; where another one stands behind a `$`, nobody knows. */
export const CODE = /\$(\(|\*|\{[\s|])|`/
/** A longer text is not looked at. */
const TEXT_CHARS_MAX = 512
const LONG = '$'

function reckon(text: string, { reckoned, unknown }: Evaluation): void {
  if (text.length > TEXT_CHARS_MAX) {
    reckoned.add(LONG)
    unknown.add(LONG)
    return
  }
  for (const [name] of text.matchAll(/\b[A-Za-z_]\w*|\$[^A-Za-z_(]/g)) reckoned.add(name)
}

/** Takes down what one node of a parsed line works out, or sets. */
export function noteEvaluation(node: SyntaxNode, into: Evaluation): void {
  switch (node.type) {
    case 'ArithmeticExpansion':
      return reckon(node.text, into)
    case 'ArithmeticCommand':
      return reckon(node.body, into)
    case 'ArithmeticWord':
      return reckon(node.value, into)
    case 'TestBinary':
      if (/^-(eq|ne|lt|le|gt|ge)$/.test(node.operator)) {
        reckon(node.left.text, into)
        reckon(node.right.text, into)
      }
      return
    case 'TestUnary':
      return /^-[vR]$/.test(node.operator) ? reckon(node.operand.text, into) : undefined
    case 'Word':
      into.holdsCode ||= holdsCode(node)
      return
    case 'HereDocBody':
      into.holdsCode ||= CODE.test((node.parts ?? []).length === 0 ? node.text : shapeOfAll(node.parts))
      return
    case 'For':
    case 'Select':
      for (const word of node.wordlist ?? []) noteValue(node.name.value, word, into)
      return
    case 'Assignment':
      return noteAssignment(node, into)
    case 'Command':
      return noteCommand(node, into)
    case 'ParameterExpansion':
      return noteParameter(node, into)
    default:
      return
  }
}

function noteParameter(
  { prefix, parameter, index, operation, text }: Extract<SyntaxNode, { type: 'ParameterExpansion' }>,
  into: Evaluation,
): void {
  if (prefix === '!' && operation?.type !== 'Names') reckon(parameter, into)
  if (index !== undefined && !/^[@*]$/.test(index.text)) reckon(index.text, into)
  if (operation?.type === 'Slice') {
    reckon(operation.offset.text, into)
    if (operation.length !== undefined) reckon(operation.length.text, into)
  }
  // Inside double quotes and documents a single quote is a sign like any other.
  if (text.includes("'") && (text.length > TEXT_CHARS_MAX || /'[^']*(\$\(|`)/.test(text)))
    into.isCertain = true
  if (operation?.type === 'Transform') into.isCertain ||= operation.operand.text === 'P'
  if (operation?.type === 'Default' && operation.operator.endsWith('='))
    noteValue(parameter, operation.operand, into)
}

function noteAssignment({ name, value, index }: Assignment, into: Evaluation): void {
  if (index !== undefined) reckon(index.text, into)
  for (const word of value.type === 'Word' ? [value] : value.elements) noteValue(name, word, into)
}

function noteValue(name: string, word: Word, into: Evaluation): void {
  const parts = flatParts(word)
  const isSaid = parts.some((part) => part.type === 'CommandExpansion' && !isCount(part))
  const isPiece = (word.parts === undefined ? word.value : textOf(word)).includes('$')
  if (isSaid || isPiece) into.isUnknown = true
  if (isSaid || isPiece || parts.some(({ type }) => /^(Simple|Parameter)Expansion$/.test(type)))
    into.unknown.add(name)
}

/** The text that is in a word as it stands. */
function textOf(word: Word): string {
  return flatParts(word)
    .map((part) =>
      part.type === 'Glob'
        ? part.text
        : /^(Literal|SingleQuoted|AnsiCQuoted)$/.test(part.type)
          ? shapeOf(part)
          : '',
    )
    .join('')
}

function flatParts({ parts = [] }: Word): readonly WordPart[] {
  return parts.flatMap((part): readonly WordPart[] => (part.type === 'DoubleQuoted' ? part.parts : [part]))
}

/** `$(ls | wc -l)` is a number, whatever it counts. */
function isCount({ script }: Extract<SyntaxNode, { type: 'CommandExpansion' }>): boolean {
  const [statement, ...more] = script?.commands ?? []
  if (statement === undefined || more.length > 0) return false
  const node = statement.command
  const last = node.type === 'Pipeline' ? node.commands.at(-1) : node
  return last?.type === 'Command' && /^(wc|nproc|seq)$/.test(last.name?.value ?? '')
}

function holdsCode(word: Word): boolean {
  return CODE.test((word.parts ?? []).length === 0 ? word.value : shapeOfAll(word.parts))
}

function shapeOfAll(parts: Word['parts']): string {
  // What looks like a set of characters may be an index: `a[\\$\\(rm y\\)]`.
  return (parts ?? [])
    .map((part) => (part.type === 'Glob' ? part.text.replaceAll('\\', '') : shapeOf(part)))
    .join('')
}

const DECLARES = /^(declare|typeset|local|export|readonly)$/
const SETS = /^(read|unset|wait|mapfile|readarray|getopts)$/

/** Builtins that work out their words, also behind `command` and `builtin`. */
function noteCommand({ name, args }: Command, into: Evaluation): void {
  const texts = [name, ...args].map((word) => (word?.type === 'Word' ? word.value : (word?.text ?? '')))
  const at = texts.findIndex((text) => DECLARES.test(text) || SETS.test(text) || OTHERS.test(text))
  if (at < 0) return
  const builtin = texts[at] as string
  const rest = texts.slice(at + 1)
  const isSo = DECLARES.test(builtin)
    ? rest.some((text) => /^[-+]\w*[in]/.test(text))
    : builtin === 'let' ||
      (builtin === 'printf' && /^(-v|"?\$)/.test(args[at]?.text ?? '')) ||
      (/^(test|\[)$/.test(builtin) && rest.some((text) => /^-[vR]$/.test(text))) ||
      (SETS.test(builtin) && rest.some((text) => /[$`]/.test(text)))
  if (isSo) for (const word of args.slice(at)) reckon(word.text, into)
}

const OTHERS = /^(let|printf|test|\[)$/

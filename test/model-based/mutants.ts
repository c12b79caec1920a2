/** Charts with one transition taken out: every one of them must be noticed. */
import { type AnyStateMachine, createMachine } from 'xstate'

interface Node {
  readonly on?: Readonly<Record<string, unknown>>
  readonly always?: unknown
  readonly states?: Readonly<Record<string, Node>>
}

export interface Mutant<M> {
  /** `running.thinking: model.replied`, `running.deciding: always 2`. */
  readonly name: string
  readonly machine: M
}

type Source = Pick<AnyStateMachine, 'config' | 'implementations'>

export function mutants<M extends Source>(machine: M): readonly Mutant<M>[] {
  return removals(machine.config as Node, []).map(({ name, without }) => {
    const mutant: unknown = createMachine(without as never, machine.implementations as never)
    return { name, machine: mutant as M }
  })
}

interface Removal {
  readonly name: string
  readonly without: Node
}

function removals(node: Node, path: readonly string[]): Removal[] {
  const here = path.length > 0 ? path.join('.') : 'anywhere'
  const fromOn = Object.entries(node.on ?? {}).flatMap(([event, given]) =>
    eachLess(given).map(({ index, rest }) => ({
      name: `${here}: ${event}${index}`,
      without: { ...node, on: { ...node.on, [event]: rest } },
    })),
  )
  const fromAlways = eachLess(node.always).map(({ index, rest }) => ({
    name: `${here}: always${index}`,
    without: { ...node, always: rest },
  }))
  const fromStates = Object.entries(node.states ?? {}).flatMap(([name, child]) =>
    removals(child, [...path, name]).map((removal) => ({
      name: removal.name,
      without: { ...node, states: { ...node.states, [name]: removal.without } },
    })),
  )
  return [...fromOn, ...fromAlways, ...fromStates]
}

/** The transitions of one event, each time without one of them. */
function eachLess(given: unknown): { readonly index: string; readonly rest: unknown }[] {
  if (given === undefined) return []
  if (!Array.isArray(given)) return [{ index: '', rest: [] }]
  return given.map((_, index) => ({ index: ` ${index}`, rest: given.filter((__, other) => other !== index) }))
}

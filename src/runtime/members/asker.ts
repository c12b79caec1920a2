import type { Asker, NamedTask } from '../../host/people.ts'
import type { TaskSpec } from '../../protocol/task.ts'

type Known = Pick<TaskSpec, 'id' | 'agent' | 'title' | 'parent' | 'depth'>

/**
 * Who asks a person, and for whom. `specOf` knows the tasks above that still live: the first that is not
 * known ends the list, and `depth` says how many there are.
 */
export function askerOf(spec: Known, background: boolean, specOf: (taskId: string) => Known | null): Asker {
  const parents: NamedTask[] = []
  let above = spec.parent === null ? null : specOf(spec.parent)
  // A journal that names itself as its parent must not be followed for ever.
  while (above && parents.length < spec.depth) {
    parents.push(named(above))
    above = above.parent === null ? null : specOf(above.parent)
  }
  return { ...named(spec), depth: spec.depth, parents, background }
}

function named({ id, agent, title }: Known): NamedTask {
  return { taskId: id, agent, title }
}

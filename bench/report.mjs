/** The numbers of a run as a table to print, and as the page docs/benchmarks.md. */
import { machineInWords } from './machine.mjs'
import { compared, isQuiet, median, readable } from './numbers.mjs'

const ROWS = {
  turns: [
    ['wall per turn, ms', 'wallMs'],
    ['CPU per turn, ms', 'cpuMs'],
  ],
  crowd: [
    ['wall per turn, ms', 'wallMs'],
    ['CPU per turn, ms', 'cpuMs'],
    ['tasks per second', 'perSecond'],
    ['memory at its peak, MB', 'peakMb'],
  ],
  cold: [
    ['loaded and ready, ms', 'readyMs'],
    ['first word of the first answer, ms', 'firstMs'],
    ['CPU until then, ms', 'cpuMs'],
  ],
}

const shown = (number) => number.toFixed(number >= 100 ? 0 : number >= 10 ? 1 : 3)

export function table(found) {
  const measured = found.filter(({ pairs }) => pairs.length > 0)
  const beside = measured.filter(({ sides }) => !sides)
  const durable = measured.filter(({ sides }) => sides)
  return [
    ...rowsOf(beside, ['floor', 'Troupe'], BESIDE),
    '',
    ...rowsOf(durable, ['in memory', 'on disk'], DURABLE),
  ].join('\n')
}

const BESIDE = ['floor', 'troupe']
const DURABLE = ['troupe', 'durable']

function rowsOf(found, [base, other], sides) {
  const lines = found.flatMap(({ name, job, pairs }) => {
    const read = readable(pairs)
    const rows = ROWS[job.kind].map(([what, field]) => line(name, what, compared(read, field, sides)))
    const perSync = median(
      read.map((pair) => pair[other === 'on disk' ? 'durable' : other]?.perSync ?? Number.NaN),
    )
    return Number.isNaN(perSync) ? rows : [...rows, `| ${name} | facts per sync | | ${shown(perSync)} | | |`]
  })
  const head = `| | | ${base} | ${other} | × ${base} | ${other} − ${base} |`
  return [head, '|---|---|---:|---:|---:|---:|', ...lines]
}

function line(name, what, { base, other, ratio }) {
  const cells = [shown(base), shown(other), ratio.toFixed(2), (other - base).toFixed(3)]
  return `| ${name} | ${what} | ${cells.join(' | ')} |`
}

function noiseInWords(found) {
  const samples = found.flatMap(({ pairs }) => pairs.flatMap((pair) => Object.values(pair)))
  const cores = median(samples.map(({ foreignCores }) => foreignCores ?? Number.NaN))
  if (Number.isNaN(cores)) return 'How busy others kept the machine is not known.'
  return `Others used ${cores.toFixed(2)} cores meanwhile (median of all samples).`
}

function countInWords(found) {
  const inWords = ({ name, pairs }) => {
    const read = readable(pairs)
    if (!read.every(isQuiet)) return `${name}: all ${pairs.length} read, noisy as they are`
    return `${name}: ${read.length} of ${pairs.length} read, the quiet ones`
  }
  return `Pairs of samples. ${found.map(inWords).join('; ')}.`
}

/** The page. Its words stay, its numbers are of the last run. */
export function page({ found, versions, command }) {
  const [{ job }] = found
  return `# Benchmarks

What Troupe costs, against the least that anyone can write: a loop by hand on the official OpenAI SDK (the
*floor*, \`bench/floor.mjs\`), which has no limits, no journal, no boundary, no events and no second try. Both ask
the same model's server on the same machine, which answers at once. A real model takes seconds for a turn; beside
them these milliseconds disappear. Written by \`${command}\`.

- ${new Date().toISOString().slice(0, 10)}; Node ${versions.node}, openai ${versions.openai}, xstate ${versions.xstate}
- ${machineInWords()}
- ${countInWords(found)}
- ${noiseInWords(found)}

${table(found)}

- **Turns**: tasks of ${job.turns} turns with one call of a tool that costs nothing, and an answer; one task after
  another. Troupe runs with its store in memory and its boundary on.
- **Many tasks at once** (\`--all\`): 1,000 tasks of 5 turns, 50 at a time; the model answers after 20 ms.
- **Cold start**: from the start of the process.

Times depend on the machine and on what else it does. The ratios do less so: every sample is a process of its own,
the two sides take turns within a run, and a ratio is the median of the ratios within each pair.
`
}

import { extensionOf, folderOf } from '../rules/kinds.ts'
import { joinPath } from './documents.ts'
import type { Hit } from './outputs.ts'

/** The languages whose relative imports can be followed by their text alone. */
const SCRIPT = ['ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs']

export const IMPORT_SEARCHES: readonly {
  readonly extensions: readonly string[]
  readonly pattern: string
}[] = [
  { extensions: SCRIPT, pattern: String.raw`(\bfrom|\bimport|\brequire\()\s*\(?["']\.{1,2}/[^"']+["']` },
  { extensions: ['py'], pattern: String.raw`^\s*(from\s+[.\w]+\s+import\b|import\s+\w+\.[.\w]+)` },
]

/**
 * How many files import each file, the most imported first. Every file counts once, however often it
 * imports.
 */
export function importCounts(
  hits: readonly Hit[],
  paths: ReadonlySet<string>,
): readonly { path: string; importers: number }[] {
  const importers = new Map<string, Set<string>>()
  for (const hit of hits) {
    const target = (extensionOf(hit.path) === 'py' ? pythonTargets(hit) : scriptTargets(hit)).find((path) =>
      paths.has(path),
    )
    if (target === undefined || target === hit.path) continue
    importers.set(target, (importers.get(target) ?? new Set()).add(hit.path))
  }
  return [...importers]
    .map(([path, from]) => ({ path, importers: from.size }))
    .toSorted((a, b) => b.importers - a.importers || (a.path < b.path ? -1 : 1))
}

function scriptTargets({ path, text }: Hit): readonly string[] {
  const link = /["'](\.{1,2}\/[^"']+)["']/.exec(text)?.[1]
  const target = link === undefined ? null : joinPath(folderOf(path), link)
  if (target === null) return []
  // What is imported as .js may well be written as .ts.
  const stem = target.replace(/\.[cm]?jsx?$/, '')
  return [
    target,
    ...[stem, target].flatMap((base) => SCRIPT.flatMap((end) => [`${base}.${end}`, `${base}/index.${end}`])),
  ]
}

function pythonTargets({ path, text }: Hit): readonly string[] {
  const module = /^\s*(?:from|import)\s+([.\w]+)/.exec(text)?.[1] ?? ''
  const dots = /^\.*/.exec(module)?.[0].length ?? 0
  const steps = module.slice(dots).split('.').filter(Boolean).join('/')
  const folder = folderOf(path)
  const bases =
    dots > 0
      ? [joinPath(folder, `${'../'.repeat(dots - 1)}${steps}`)]
      : ancestors(folder).flatMap((root) => [joinPath(root, steps), joinPath(root, `src/${steps}`)])
  return bases.flatMap((base) => (base === null || base === '' ? [] : [`${base}.py`, `${base}/__init__.py`]))
}

function ancestors(folder: string): readonly string[] {
  const parts = folder.split('/').filter(Boolean)
  return [...parts.map((_, index) => parts.slice(0, parts.length - index).join('/')), '']
}

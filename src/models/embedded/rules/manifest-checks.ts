/**
 * Whether the manifests mean what is there.
 */
import { joinPath } from '../reading/documents.ts'
import type { Manifest, Told } from '../reading/manifests.ts'
import type { Survey } from '../survey.ts'
import type { Evidence, Finding } from './findings.ts'
import { baseOf, folderOf } from './kinds.ts'
import { nodeLocks } from './listing-checks.ts'

/** What a build makes is not in the repository, and need not be. */
const BUILT = /(^|\/)(dist|build|built|out|lib|target|coverage|\.next|node_modules|es|esm|cjs|umd)(\/|$)/
const RUN_FILE =
  /(?:^|&&|;|\|)\s*(?:[A-Z_]+=\S+\s+)*(?:node|tsx|ts-node|bash|sh|python3?)\s+(?:\.\/)?([\w@][\w@./-]*\.(?:[cm]?[jt]sx?|sh|py))(?=\s|$|;|&|\|)/g

/** Findings about manifests. */
export function manifestFindings(survey: Survey): readonly Finding[] {
  const broken: Finding = {
    id: 'broken-manifest',
    title: 'Manifests that cannot be read',
    why: 'No tool that needs them will start.',
    advice: 'Repair the syntax.',
    weight: 88,
    isAtLeast: false,
    places: survey.manifests
      .filter(({ isBroken }) => isBroken)
      .map(({ path }) => ({ path, line: 1, excerpt: null, remark: 'is not valid JSON' })),
  }
  // A file that was not listed may still be there when the listing was cut.
  return survey.listing === null || survey.listing.isCut
    ? [broken]
    : [broken, lostFiles(survey), noLock(survey)]
}

function lostFiles({ allFiles, manifests }: Survey): Finding {
  const paths = allFiles.map(({ path }) => path)
  return {
    id: 'lost-file',
    title: 'Manifests that name files which are not there',
    why: 'The script or the import fails for everyone who tries it.',
    advice:
      'Correct the path, or remove the entry. Files that .gitignore names are not listed, so a generated one may be fine.',
    weight: 58,
    isAtLeast: false,
    places: manifests.flatMap((manifest) => lostIn(manifest, paths)),
  }
}

function lostIn(manifest: Manifest, paths: readonly string[]): readonly Evidence[] {
  if (baseOf(manifest.path) !== 'package.json') return []
  const known = new Set(paths)
  const isThere = (path: string) =>
    known.has(path) || paths.some((other) => other.startsWith(`${path}/`) || stemEquals(other, path))
  const named = [
    ...manifest.scripts.flatMap((script) => filesRunBy(script).map((file) => ({ ...script, file }))),
    ...manifest.entries
      .filter(({ text }) => !text.includes('*'))
      .map((entry) => ({ ...entry, file: entry.text })),
  ]
  return named.flatMap(({ name, line, file }) => {
    const path = joinPath(folderOf(manifest.path), file)
    if (path === null || path === '' || BUILT.test(file) || isThere(path)) return []
    return [{ path: manifest.path, line, excerpt: `${name}: ${file}`, remark: null }]
  })
}

function stemEquals(path: string, wanted: string): boolean {
  return path.startsWith(wanted) && /^(\.[cm]?[jt]sx?|\/index\.[cm]?[jt]sx?)$/.test(path.slice(wanted.length))
}

function filesRunBy({ text }: Told): readonly string[] {
  // After `cd` a path means something else, and we do not follow.
  return /\bcd\s/.test(text) ? [] : [...text.matchAll(RUN_FILE)].flatMap(([, file]) => file ?? [])
}

function noLock({ allFiles, manifests }: Survey): Finding {
  const locks = nodeLocks(allFiles.map(({ path }) => path))
  const isLocked = ({ path }: Manifest) => {
    const folders = folderOf(path).split('/')
    return folders.some((_, index) => locks.has(folders.slice(0, index + 1).join('/'))) || locks.has('')
  }
  return {
    id: 'no-lock',
    title: 'Dependencies without a lock file',
    why: 'Two installs a week apart may give two different programs.',
    advice: 'Commit the lock file of your package manager, unless leaving it out is a decision.',
    weight: 28,
    isAtLeast: false,
    places: manifests
      .filter(
        (manifest) =>
          baseOf(manifest.path) === 'package.json' && manifest.hasDependencies && !isLocked(manifest),
      )
      .map(({ path }) => ({
        path,
        line: 1,
        excerpt: null,
        remark: 'has dependencies; no lock file in its folder or above',
      })),
  }
}

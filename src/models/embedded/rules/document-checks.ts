/**
 * Whether the documents say what is true of the files.
 */
import { namedCommands, relativeLinks } from '../reading/documents.ts'
import type { Page } from '../reading/outputs.ts'
import type { Survey } from '../survey.ts'
import type { Finding } from './findings.ts'
import { baseOf, extensionOf, kindOf } from './kinds.ts'

/** Findings about the documents that were read. */
export function documentFindings(survey: Survey): readonly Finding[] {
  if (survey.listing === null || survey.listing.isCut) return []
  const documents = [...survey.pages.values()].filter(({ path }) => kindOf(path) === 'document')
  return [brokenLinks(survey, documents), unknownCommands(survey, documents)]
}

function brokenLinks({ allFiles, goal }: Survey, documents: readonly Page[]): Finding {
  const paths = allFiles.map(({ path }) => path)
  const isThere = (target: string) =>
    target === goal.reportPath || paths.some((path) => path === target || path.startsWith(`${target}/`))
  return {
    id: 'broken-link',
    title: 'Links in documents that lead to no listed file',
    why: 'The reader who follows them is lost.',
    advice:
      'Correct or remove them. Files that .gitignore names are not listed, so a generated target may be fine.',
    weight: 48,
    isAtLeast: false,
    places: documents
      .filter(({ path }) => extensionOf(path) === 'md')
      .flatMap((page) => relativeLinks(page))
      .filter(({ target }) => target !== '' && !isThere(target.replace(/\/+$/, '')))
      .map(({ path, line, text }) => ({ path, line, excerpt: text, remark: null })),
  }
}

function unknownCommands({ allFiles, manifests, pages }: Survey, documents: readonly Page[]): Finding {
  const known = { npm: new Set<string>(), make: new Set<string>() }
  for (const { path, scripts } of manifests) {
    const names = baseOf(path) === 'package.json' ? known.npm : known.make
    for (const { name } of scripts) names.add(name)
  }
  // Only when every manifest was read can we say that none has the command.
  const unread = (pattern: RegExp) =>
    allFiles.some(
      ({ path }) => pattern.test(path) && !['vendored', 'fixture'].includes(kindOf(path)) && !pages.has(path),
    )
  const silent = {
    npm: known.npm.size === 0 || unread(/(^|\/)package\.json$/) || manifests.some(({ isBroken }) => isBroken),
    make:
      known.make.size === 0 || unread(/(^|\/)(GNU)?[Mm]akefile$/) || [...pages.values()].some(hasIncludes),
  }
  return {
    id: 'unknown-command',
    title: 'Commands in documents that no manifest has',
    why: 'The first thing a newcomer types fails.',
    advice: 'Add the script, or correct the document.',
    weight: 52,
    isAtLeast: false,
    places: documents
      .flatMap((page) => namedCommands(page))
      .filter(({ runner, text }) => !silent[runner] && !known[runner].has(text))
      .map(({ path, line, text, runner }) => ({
        path,
        line,
        excerpt: runner === 'npm' ? `npm run ${text}` : `make ${text}`,
        remark: null,
      })),
  }
}

function hasIncludes({ path, lines }: Page): boolean {
  return /makefile$/i.test(path) && lines.some(({ text }) => /^-?include\b/.test(text))
}

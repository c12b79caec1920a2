/**
 * Adds to package-lock.json the optional packages of other platforms, where the registry at hand lacks them.
 * Without them `npm ci` refuses the file. They are pinned exactly by the package that names them, and never
 * fetched on a platform that is not theirs. Run it after each change of dependencies.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
]
const PROCESSORS = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
]
const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/

const file = process.argv[2] ?? 'package-lock.json'
const lock = JSON.parse(readFileSync(file, 'utf8'))
const added = []
const unknown = []

for (const [path, entry] of Object.entries({ ...lock.packages })) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(path, name)) continue
    const place = platformOf(name)
    if (!place) {
      unknown.push(`${name}@${range} (of ${path})`)
      continue
    }
    const version = EXACT.test(range) ? range : range.replace(/^[~^]/, '')
    lock.packages[`node_modules/${name}`] = {
      version,
      ...place,
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
    }
    added.push(`${name}@${version}`)
  }
}

lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added.length} packages of other platforms added to ${file}.`)
if (unknown.length > 0) {
  console.error(`Of these the platform is not known; add them by hand:\n  ${unknown.join('\n  ')}`)
  process.exitCode = 1
}

function isLocked(path, name) {
  const parts = path === '' ? [''] : path.split('/node_modules/')
  const places = parts.map((_, i) =>
    [...parts.slice(0, parts.length - i), name].filter(Boolean).join('/node_modules/'),
  )
  return [...places, `node_modules/${name}`].some((place) => place in lock.packages)
}

function platformOf(name) {
  if (name === 'fsevents') return { os: ['darwin'] }
  const words = name.split(/[-/]/).flatMap((word) => (word === 'wasm32' ? ['wasm32'] : [word]))
  const os = SYSTEMS.filter((it) => words.includes(it))
  const cpu = PROCESSORS.filter((it) =>
    words.some((word) => word === it || (it === 'arm' && /^arm(v\d)?(eabi)?$/.test(word))),
  )
  if (os.length + cpu.length === 0) return null
  const isMusl = words.some((word) => word.startsWith('musl'))
  const isGnu = words.some((word) => word.startsWith('gnu'))
  const libc = os.includes('linux') && (isMusl || isGnu) ? { libc: [isMusl ? 'musl' : 'glibc'] } : {}
  return { ...libc, ...(cpu.length > 0 ? { cpu } : {}), ...(os.length > 0 ? { os } : {}) }
}

/**
 * What the listing alone gives away.
 */
import { baseOf, folderOf } from './kinds.ts'

const SECRET_FILE =
  /(^|\/)(\.env(\.(?!example|sample|template|dist|defaults?)[\w-]+)?|id_(rsa|dsa|ecdsa|ed25519)|[^/]+\.(p12|pfx|jks|keystore)|\.netrc|\.pgpass)$/
const PRIVATE_KEY_FILE = /(^|\/)[^/]*(private|server|priv)[^/]*\.(pem|key)$|\.key$/

/** Whether the name says that secrets are inside. Such a file is named and never opened. */
export function isSecretFile(path: string): boolean {
  return SECRET_FILE.test(path) || PRIVATE_KEY_FILE.test(path)
}

const NODE_LOCKS = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
  'bun.lockb',
]

/** The lock files of Node's package managers, by folder. */
export function nodeLocks(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const locks = new Map<string, string[]>()
  for (const path of paths.filter((path) => NODE_LOCKS.includes(baseOf(path)))) {
    locks.set(folderOf(path), [...(locks.get(folderOf(path)) ?? []), path])
  }
  return locks
}

/** The part of a file's name that its test would share. */
export function stemOf(path: string): string {
  return baseOf(path)
    .replace(/\.[^.]+$/, '')
    .replace(/\.(test|spec|test-d)$/, '')
    .replace(/^test_/, '')
    .replace(/_(test|spec)$/, '')
    .replace(/Tests?$/, '')
    .toLowerCase()
}

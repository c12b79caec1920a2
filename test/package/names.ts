/**
 * Every public name. A name that is added here is a promise; one that is taken away breaks somebody's code.
 * Change the list together with the changelog.
 */
export const PUBLIC_NAMES: Readonly<Record<string, readonly string[]>> = {
  'src/index.ts': [],
  'src/machines/machines.ts': [],
  'src/testing/testing.ts': [],
}

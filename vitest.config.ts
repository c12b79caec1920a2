import { defineConfig } from 'vitest/config'

const SECOND_MS = 1_000

/** What takes its time is kept apart, so that everything else can be run on every save. */
const FAULTS = ['test/faults/**/*.test.ts']
/** Counts and weighs ten thousands of tasks. */
const SCALE = ['test/scale/**/*.test.ts']
/** Judges a hundred thousand lines of bash, and runs what is allowed. */
const FUZZ = ['test/fuzz/**/*.test.ts']
/** Packs and installs the package: needs a build and the registry. */
const PACKAGE = ['test/package/tarball.test.ts']

/** The examples import the package by name, as a user does. Here it is the source, as in tsconfig.json. */
const source = (path: string) => new URL(`src/${path}`, import.meta.url).pathname

export default defineConfig({
  resolve: {
    alias: [
      { find: /^troupe$/, replacement: source('index.ts') },
      { find: /^troupe\/machines$/, replacement: source('machines/machines.ts') },
      { find: /^troupe\/testing$/, replacement: source('testing/testing.ts') },
    ],
  },
  test: {
    // A busy machine with two cores may be ten times slower than a quiet one; a hang still ends.
    testTimeout: 20 * SECOND_MS,
    hookTimeout: 20 * SECOND_MS,
    // A test that asserts nothing cannot fail.
    expect: { requireAssertions: true },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...FAULTS, ...SCALE, ...FUZZ, ...PACKAGE],
        },
      },
      {
        extends: true,
        test: { name: 'faults', include: FAULTS, testTimeout: 120 * SECOND_MS, hookTimeout: 60 * SECOND_MS },
      },
      {
        extends: true,
        test: { name: 'scale', include: SCALE, execArgv: ['--expose-gc'] },
      },
      {
        extends: true,
        test: { name: 'fuzz', include: FUZZ, testTimeout: 1_200 * SECOND_MS, hookTimeout: 60 * SECOND_MS },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: PACKAGE,
          testTimeout: 180 * SECOND_MS,
          hookTimeout: 180 * SECOND_MS,
        },
      },
    ],
  },
})

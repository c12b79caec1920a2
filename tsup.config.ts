import { defineConfig } from 'tsup'

/** `tsup` alone builds what runs, in a second or two; `tsup --dts` adds the types. */
export default defineConfig({
  entry: {
    index: 'src/index.ts',
    machines: 'src/machines/machines.ts',
    testing: 'src/testing/testing.ts',
    'cli/main': 'src/cli/main.ts',
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  // Entries share chunks: an error made in one is recognised in another, and a chart is loaded once.
  splitting: true,
  clean: true,
  // A map would carry the paths of the machine that built it.
  sourcemap: false,
  external: ['@photostructure/sqlite'],
  // `node:sqlite` has no name without its prefix.
  removeNodeProtocol: false,
})

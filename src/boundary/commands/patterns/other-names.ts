/** The published table of names that npm and pnpm have for the same thing. */
export const NPM_NAMES: readonly (readonly string[])[] = [
  'install i add in ins inst insta instal isnt isnta isntal isntall',
  'ci clean-install ic install-clean isntall-clean',
  'test t tst',
  'uninstall unlink remove rm r un',
  'run run-script rum urn',
  'exec x',
  'update up upgrade udpate',
].map((names) => names.split(' '))

/** The other names of what npm is told to do: who denies one denies all. */
export function otherNamesOf(name: string): readonly string[] {
  return (NPM_NAMES.find((names) => names.includes(name)) ?? []).filter((other) => other !== name)
}

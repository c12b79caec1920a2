import { toFailure } from '../../errors.ts'

/** What was found, and what to do about it. */
export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'warn' | 'missing'
  readonly what: string
  /** Empty where nothing needs to be done. */
  readonly mend: string
}

export interface Ground {
  readonly workspace: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Contract: never rejects. What can't be looked at is a finding, too. */
export type Check = (ground: Ground) => Promise<readonly Finding[]>

/** It is as it should be. */
export const ok = (name: string, what: string): Finding => ({ name, state: 'ok', what, mend: '' })
/** It works, and could be better. */
export const warn = (name: string, what: string, mend: string): Finding => ({
  name,
  state: 'warn',
  what,
  mend,
})
/** Without it nothing goes, or something is lost. */
export const missing = (name: string, what: string, mend: string): Finding => ({
  name,
  state: 'missing',
  what,
  mend,
})

/** Turns what a check throws into a finding of it. */
export function checked(name: string, mend: string, look: Check): Check {
  return async (ground) => {
    try {
      return await look(ground)
    } catch (error) {
      return [missing(name, toFailure(error).message, mend)]
    }
  }
}

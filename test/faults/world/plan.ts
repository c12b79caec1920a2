/** What one life of the crashing process is told, and what it writes down for whoever checks. */

export interface LifePlan {
  /** Holds the workspace and everything that is written down. */
  readonly directory: string
  /** Counts the processes that have worked on the workspace, from 1. */
  readonly life: number
  /** Where it kills itself: at the first of these that it comes to. */
  readonly kills: readonly string[]
  /** Where it stands still instead, as if somebody had stopped it. */
  readonly stops?: readonly string[]
  /** Of the lease. Absent: the ones that users have. */
  readonly times?: { readonly leaseMs: number; readonly renewalMs: number }
  /** Tasks that may work in the background at once. */
  readonly cap: number
  /** The lead works in the background itself. */
  readonly background: boolean
}

/** What a life says when it has come to the end. */
export interface LifeReport {
  readonly lead: string
  readonly statuses: Readonly<Record<string, string>>
  readonly warnings: readonly string[]
}

/** What a life finds when it begins: the last number of each journal. */
export interface Found {
  readonly life: number
  readonly last: Readonly<Record<string, number>>
}

/** Where a life died or stood still, and when by the wall clock. */
export interface Killed {
  readonly life: number
  readonly point: string
  readonly at: number
}

/** One question to the model: what it was shown of each child's report, by how often. */
export interface Asked {
  readonly life: number
  readonly role: string
  readonly taskId: string
  readonly turn: number
  readonly told: Readonly<Record<string, number>>
}

/** Lines are appended to these, each by one system call. */
export const NOTES = {
  killed: 'killed',
  found: 'found',
  asked: 'asked',
  strays: 'strays',
  mails: 'mails',
  payments: 'payments',
  deployments: 'deployments',
  stamps: 'stamps',
  side: 'workspace/side',
  translated: 'workspace/b.txt',
  added: 'workspace/c.txt',
} as const

export const LEAD_TITLE = 'the lead'
/** Children in the background, of which only one may work at a time, and the one in the foreground. */
export const BACKGROUND = ['mailer', 'reader', 'stamper'] as const
export const FOREGROUND = 'helper'
export const CHILDREN = [...BACKGROUND, FOREGROUND]

export const reportOf = (title: string) => `report-of-${title}`

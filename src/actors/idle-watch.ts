import type { Awake } from './awake.ts'

export interface IdleWatchPlan {
  readonly awake: Awake
  readonly idleMs: number
  /** Told once, when there was no sign of life for so long. */
  readonly idle: () => void
}

/** Somebody is watched for signs of life. */
export interface IdleWatch {
  sign(): void
  stop(): void
}

/**
 * Notices when somebody shows no sign of life. A sign is only remembered, for there may be thousands a
 * second; how much is left after the last one is asked when the time could be up.
 */
export function watchIdle({ awake, idleMs, idle }: IdleWatchPlan): IdleWatch {
  let lastSign = awake.awakeMs()
  let disarm = () => {}

  function wait(ms: number): void {
    disarm = awake.after(ms, () => {
      const leftMs = lastSign + idleMs - awake.awakeMs()
      if (leftMs > 0) wait(leftMs)
      else idle()
    })
  }

  wait(idleMs)
  return {
    sign() {
      lastSign = awake.awakeMs()
    },
    stop: () => disarm(),
  }
}

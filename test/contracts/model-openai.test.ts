import { describe, expect, it } from 'vitest'
import { modelContract } from '../../src/testing/model-contract.ts'
import { openaiWorld } from '../support/openai-world.ts'

const kit = { describe, it, expect }

modelContract('openai, streaming,', { open: () => openaiWorld() }, kit)

modelContract(
  'openai, in one piece,',
  {
    open: () => openaiWorld({ stream: false }),
    // Nothing is said until all is there.
    leaveOut: ['an abort in the middle settles promptly, with nothing left open, and is never an answer'],
  },
  kit,
)

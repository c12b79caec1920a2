import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/stores/memory.ts'
import { storeContract } from '../../src/testing/store-contract.ts'

storeContract('the memory store', { open: async () => memoryStore() }, { describe, it, expect })

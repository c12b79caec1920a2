/** What a host needs to test its own agents, tools, models and stores: `troupe/testing`. */
export { type GatedStore, gatedStore } from './gated-store.ts'
export { type HandClock, handClock } from './hand-clock.ts'
export { brokenInvariants, INVARIANTS, type Invariant } from './invariants.ts'
export { type LifecycleParts, type LifecycleReport, type LifecycleWorld, walkLifecycle } from './lifecycle.ts'
export {
  type ModelAnswer,
  type ModelContract,
  type ModelFault,
  type ModelWorld,
  modelContract,
  type TestKit,
} from './model-contract.ts'
export {
  complete,
  fails,
  hangs,
  type Script,
  type ScriptedModel,
  say,
  scriptedModel,
  use,
  uses,
} from './scripted-model.ts'
export { type StoreContract, storeContract } from './store-contract.ts'

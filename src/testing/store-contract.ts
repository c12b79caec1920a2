import type { Store } from '../host.ts'
import type { TestKit } from './model-contract.ts'
import { STORE_CASES } from './store-cases.ts'
import { DURABLE_STORE_CASES } from './store-durable-cases.ts'

/** What a store under test brings. */
export interface StoreContract {
  /** A fresh, empty store each time. */
  readonly open: () => Promise<Store>
  /** Opens once more what a store keeps, as another process would. Absent: nothing outlives the store. */
  readonly reopen?: (store: Store) => Promise<Store>
}

/** The suite that every store must pass. It is what the comments on `Store` mean. */
export function storeContract(name: string, { open, reopen }: StoreContract, kit: TestKit): void {
  kit.describe(`${name} keeps the contract of a store`, () => {
    for (const [title, check] of Object.entries(STORE_CASES)) {
      kit.it(title, () => withStores(open, (store) => check(store, kit.expect)))
    }
    if (!reopen) return
    for (const [title, check] of Object.entries(DURABLE_STORE_CASES)) {
      kit.it(title, () =>
        withStores(open, async (store, opened) => {
          const again = async () => opened(await reopen(store))
          await check({ store, again }, kit.expect)
        }),
      )
    }
  })
}

/** Whatever is opened is closed. */
async function withStores(
  open: () => Promise<Store>,
  check: (store: Store, opened: (store: Store) => Store) => Promise<void>,
): Promise<void> {
  const first = await open()
  const others: Store[] = []
  try {
    await check(first, (store) => {
      others.push(store)
      return store
    })
  } finally {
    for (const store of [...others, first]) await store.close()
  }
}

/**
 * What an institution in a process of its own answers at its address: its inbox, its log, the ledger as it sees it, and the
 * app for its own patients and for the people who work there.
 *
 * Laws: figures of operation are of this institution alone, and so are the virtual people of its staff; there are no
 * virtual patients here, which is said by a code.
 */
import { ledgerChain } from '../../consent/ledger-chain.door.ts'
import type { Unlock } from '../../identity/index.ts'
import { MemoryStore, projector } from '../../ledger/index.ts'
import { IsletError, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import type { ServerParts } from '../http/server.ts'
import type { Hosted } from '../institution/hosted.ts'
import { wallClock } from '../institution/wire.ts'
import { loadApp } from '../page/app-assets.ts'
import { once } from '../page/assets.ts'
import { demoStaff, staffOffers } from '../service/demo-staff.ts'
import { handlersOver } from '../service/handlers.ts'
import { operations } from '../service/operations.ts'
import type { DeskInstitution } from '../study/study-desk.ts'
import type { OwnLedger } from './own-ledger.ts'
import type { StudyRoutes } from './study-routes.ts'

export interface FaceParts {
  readonly unlock: Unlock
  /** Where it is reached. */
  readonly origin: () => string
  readonly known: readonly DeskInstitution[]
  readonly studies: StudyRoutes
}

export function ownFace(
  house: Hosted,
  { engine, ledger, deployment }: Pick<OwnLedger, 'engine' | 'ledger' | 'deployment'>,
  { unlock, origin, known, studies }: FaceParts,
): Pick<ServerParts, 'handlers' | 'page'> {
  const hosted = new Map([[house.key, house]])
  const { directory } = house
  const chain = ledgerChain({ ledger, deployment })
  return {
    handlers: handlersOver({ ledger, engine, chain, hosted, known }, projected(ledger, deployment), {
      ...studies,
      ...operations({
        consortium: { chain, directory, hosted },
        ledger,
        since: quantity<UnixSeconds>(Math.floor(wallClock())),
      }),
      personas: async () => ({ personas: [...staffOffers(hosted)] }),
      persona: async () => {
        throw new IsletError(
          'NO_PERSONAS_HERE',
          'an institution on its own offers no virtual patients',
          {},
          { remedy: 'make a person of your own in the app, or start without --apart' },
        )
      },
      ...demoStaff({ directory, hosted, unlock, node: house }, origin),
    }),
    page: {
      html: `<!doctype html><html lang="en"><title>${house.name}</title><p>${house.name}, an institution of Islet: <a href="/app">its app</a>, <a href="/docs">its contract</a>.</p></html>`,
      style: '',
      script: '',
      icon: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>',
      docsStyle: '',
      app: once(loadApp),
    },
  }
}

/** The read model, in memory and made when it is first asked for: one institution asks seldom. */
function projected(ledger: OwnLedger['ledger'], deployment: OwnLedger['deployment']) {
  let made: { readonly store: MemoryStore; catchUp(): Promise<unknown> } | undefined
  return async () => {
    if (made === undefined) {
      const store = new MemoryStore()
      const following = projector(ledger, deployment, store)
      made = { store, catchUp: () => following.catchUp() }
    }
    await made.catchUp()
    return made.store
  }
}

/**
 * What an institution in a process of its own answers at its address: its inbox, its log, the ledger as it sees it, and the
 * app for its own patients and clinicians.
 *
 * Laws: nothing is asked of another institution on anybody's behalf, so there are neither virtual patients nor the screens
 * of studies and operation here, which say so by a code; virtual clinicians are those of this institution.
 */
import { ledgerChain } from '../../consent/ledger-chain.door.ts'
import type { Unlock } from '../../identity/index.ts'
import { MemoryStore, projector } from '../../ledger/index.ts'
import { IsletError } from '../../vocabulary/index.ts'
import type { ServerParts } from '../http/server.ts'
import type { Hosted } from '../institution/hosted.ts'
import { loadApp } from '../page/app-assets.ts'
import { once } from '../page/assets.ts'
import { demoStaff, staffOffers } from '../service/demo-staff.ts'
import { handlersOver } from '../service/handlers.ts'
import type { OwnLedger } from './own-ledger.ts'

export function ownFace(
  house: Hosted,
  { engine, ledger, deployment }: Pick<OwnLedger, 'engine' | 'ledger' | 'deployment'>,
  { unlock, origin }: { readonly unlock: Unlock; readonly origin: () => string },
): Pick<ServerParts, 'handlers' | 'page'> {
  const hosted = new Map([[house.key, house]])
  return {
    handlers: handlersOver(
      { ledger, engine, chain: ledgerChain({ ledger, deployment }), hosted },
      projected(ledger, deployment),
      {
        personas: async () => ({ personas: [...staffOffers(hosted)] }),
        persona: async () => {
          throw new IsletError(
            'NO_PERSONAS_HERE',
            'an institution on its own offers no virtual patients',
            {},
            { remedy: 'make a person of your own in the app, or start without --apart' },
          )
        },
        ...demoStaff({ directory: house.directory, hosted, unlock, node: house }, origin),
      },
    ),
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

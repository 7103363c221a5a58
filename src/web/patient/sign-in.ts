/**
 * Signing in as a demo persona: the root key comes from the node, every other key is made here, the agent runs here.
 *
 * Laws: one tab holds the agent at a time, so that no consent key is used twice; what this browser remembers is gone on
 * from, and where it remembers nothing the agent is brought back from the root key alone.
 */
import type { PersonaAnswer } from '../../api/index.ts'
import {
  openPatientAgent,
  type PatientAgent,
  type PatientPorts,
  restorePatientAgent,
} from '../../consent/browser.door.ts'
import { nobleEd25519, patientKeys } from '../../identity/index.ts'
import { webCrypto } from '../../vault/web-cipher.door.ts'
import {
  fromBase64Url,
  type Hash32,
  type InstitutionId,
  IsletError,
  quantity,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import { indexedShelf } from '../shared/indexed-shelf.ts'
import { ledgerOverApi } from '../shared/ledger-over-api.ts'
import { askNode, nodeFetch } from '../shared/node-fetch.ts'
import { signedSend } from '../shared/signed-send.ts'

/** Somebody signed in, until `leave`. */
export interface Person {
  readonly name: string
  readonly agent: PatientAgent
  /** Names of the institutions, by id. */
  readonly names: ReadonlyMap<string, string>
  leave(): void
}

/** Opens a persona. Throws `OPEN_IN_ANOTHER_TAB`, `NODE_AWAY`, and the agent's codes. */
export async function signInAs(persona: PersonaAnswer['persona']): Promise<Person> {
  const client = askNode()
  const answer = await client.persona({ params: { persona } })
  const keys = patientKeys(fromBase64Url(answer.root), webCrypto.hasher, nobleEd25519)
  const release = await holdAlone(`islet ${keys.identityKey}`)
  try {
    const [chain, { institutions }, { members }] = await Promise.all([
      ledgerOverApi(client),
      client.institutions(),
      client.ledgerMembers(),
    ])
    const known = new Map<InstitutionId, Hash32>(members.map(({ id, message_key }) => [id, message_key]))
    const ports: PatientPorts = {
      keys,
      ed: nobleEd25519,
      crypto: webCrypto,
      chain,
      shelf: await indexedShelf(`islet ${keys.identityKey}`),
      clock: () => quantity<UnixSeconds>(Math.floor(Date.now() / 1_000)),
      send: signedSend(keys.identity, {
        origin: answer.origin,
        fetch: nodeFetch,
        keyOf: async (id) => known.get(id),
      }),
    }
    const remembered = (await ports.shelf.get('state')) !== undefined
    const agent = remembered
      ? await openPatientAgent(ports)
      : await restorePatientAgent(ports, answer.custodian)
    return {
      name: answer.name,
      agent,
      names: new Map(institutions.map(({ id, name }) => [id, name])),
      leave: release,
    }
  } catch (error) {
    release()
    throw error
  }
}

/** Takes a name that one tab of this browser can have; gives what lets it go. */
function holdAlone(name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    void navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock === null) {
        reject(
          new IsletError(
            'OPEN_IN_ANOTHER_TAB',
            'this person is open in another tab',
            {},
            { remedy: 'use that tab, or close it and try again' },
          ),
        )
        return
      }
      return new Promise<void>((release) => resolve(() => release()))
    })
  })
}

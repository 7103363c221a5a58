/**
 * Opening a person in this browser: from the root key every other key is made here, and the agent runs here.
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
import { nobleEd25519, type PatientKeys, patientKeys } from '../../identity/index.ts'
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
import { type Road, signedSend } from '../shared/signed-send.ts'

/** Somebody signed in, until `leave`. */
export interface Person {
  readonly name: string
  /** A virtual person of the demo, whose key is no secret. */
  readonly simulated: boolean
  readonly keys: PatientKeys
  readonly custodian: InstitutionId
  readonly agent: PatientAgent
  readonly road: Road
  /** The ledger, as this node tells it. */
  readonly chain: PatientPorts['chain']
  /** Messages in this person's name. */
  readonly send: PatientPorts['send']
  /** Names of the institutions, by id. */
  readonly names: ReadonlyMap<string, string>
  leave(): void
}

export interface Opening {
  readonly name: string
  readonly simulated: boolean
  readonly custodian: InstitutionId
  /** A key made a moment ago: the custodian does not know it yet. */
  readonly fresh?: true
}

/** Opens a demo person, whose root key comes from the node. Throws as `openPerson`. */
export async function signInAs(persona: PersonaAnswer['persona']): Promise<Person> {
  const { root, name, custodian } = await askNode().persona({ params: { persona } })
  return openPerson(fromBase64Url(root), { name, custodian, simulated: true })
}

/** Opens a person. Throws `OPEN_IN_ANOTHER_TAB`, `NODE_AWAY`, `NO_STATE_STORED`, and the agent's codes. */
export async function openPerson(root: Uint8Array, opening: Opening): Promise<Person> {
  const { name, simulated, custodian } = opening
  const client = askNode()
  const keys = patientKeys(root, webCrypto.hasher, nobleEd25519)
  const release = await holdAlone(`islet ${keys.identityKey}`)
  try {
    const [chain, { origin }, { institutions }, { members }] = await Promise.all([
      ledgerOverApi(client),
      client.thisNode(),
      client.institutions(),
      client.ledgerMembers(),
    ])
    const known = new Map<InstitutionId, Hash32>(members.map(({ id, message_key }) => [id, message_key]))
    const road: Road = { origin, fetch: nodeFetch, keyOf: async (id) => known.get(id) }
    const ports: PatientPorts = {
      keys,
      ed: nobleEd25519,
      crypto: webCrypto,
      chain,
      shelf: await indexedShelf(agentShelf(keys)),
      clock: () => quantity<UnixSeconds>(Math.floor(Date.now() / 1_000)),
      send: signedSend(keys.identity, road),
    }
    const names = new Map(institutions.map(({ id, name: called }) => [id, called]))
    const agent = await agentOf(ports, opening)
    const { send } = ports
    return { name, simulated, keys, custodian, agent, road, chain, send, names, leave: release }
  } catch (error) {
    release()
    throw error
  }
}

/** The name under which this browser keeps what a person’s agent remembers. */
export function agentShelf({ identityKey }: Pick<PatientKeys, 'identityKey'>): string {
  return `islet ${identityKey}`
}

async function agentOf(ports: PatientPorts, { custodian, fresh }: Opening): Promise<PatientAgent> {
  if (fresh === undefined) {
    const remembered = (await ports.shelf.get('state')) !== undefined
    return remembered ? openPatientAgent(ports) : restorePatientAgent(ports, custodian)
  }
  const agent = await openPatientAgent(ports)
  await agent.enrol(custodian)
  // What the way back leads to, on a device that remembers nothing.
  await agent.backUp()
  return agent
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

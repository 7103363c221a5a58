/**
 * A delegate's agent: a carer who reads, a guardian who may grant, each with keys of their own.
 *
 * Laws: a carer signs what they ask with their own identity key, so that the log names them; a guardian gives away only
 * what their own covers hold, signs with a consent key of their own for each grant, and leaves the patient a revoke for it.
 */
import { type Delegation, type Ed25519, type PatientKeys, patientKeys } from '../identity/index.ts'
import { type Crypto, hkdf, hpkeKeyPair } from '../vault/index.ts'
import type { Cover } from '../vault/keys.door.ts'
import {
  type ConsentId,
  concat,
  fromHex,
  type InstitutionId,
  IsletError,
  type Kind,
  toBase64Url,
  type UnixSeconds,
  utf8,
} from '../vocabulary/index.ts'
import type { SignedRequest } from './access-request.ts'
import type { ChainReader } from './chain.ts'
import { openConsentBook } from './consent-book.ts'
import { type Card, delegateCard } from './delegations.ts'
import { granting } from './granting.ts'
import type { Send } from './house.ts'
import type { Choice } from './narrow.ts'
import { checkRequest } from './patient-ports.ts'
import { type GrantState, openPatientMemory } from './patient-state.ts'
import { type Reader, reader } from './reader-agent.ts'
import { type Shelf, shelfPart } from './shelf.ts'

export interface DelegatePorts {
  readonly keys: PatientKeys
  readonly ed: Ed25519
  readonly crypto: Crypto
  readonly chain: ChainReader
  readonly shelf: Shelf
  readonly clock: () => UnixSeconds
  readonly send: Send
  /** The institution through which the delegate was named as reader. */
  readonly house: InstitutionId
}

export interface DelegateAgent {
  readonly reader: Reader
  /** The delegate's own word for their inbox key, to be put into a request. */
  card(name: string): Card
  /** X-Wing public key that covers are sealed to. */
  readonly inboxKey: Uint8Array
  /** Grants in the patient's place, out of what a consent gave this delegate. */
  guardian(id: ConsentId, delegation: Delegation): Promise<Guardian>
}

export interface Guardian {
  grant(request: SignedRequest, choice?: Choice): Promise<GrantState>
  revoke(id: ConsentId): Promise<'on-ledger' | 'on-its-way'>
  /** Hands the newest generations on to the readers of what was granted. */
  settle(): Promise<void>
}

export async function openDelegateAgent(ports: DelegatePorts): Promise<DelegateAgent> {
  const { keys, crypto, ed, chain } = ports
  const inbox = hpkeKeyPair(keys.inboxSeed)
  const consents = await openConsentBook(shelfPart(ports.shelf, 'grants'), {
    hasher: crypto.hasher,
    ed,
    domain: chain.domain,
  })
  const reading = reader({
    ...ports,
    own: ports.house,
    signer: keys.identity,
    hpkePrivateKey: inbox.privateKey,
    shelf: shelfPart(ports.shelf, 'reader'),
    consents,
  })
  return {
    reader: reading,
    card: (name) => delegateCard(name, toBase64Url(inbox.publicKey), keys.identity),
    inboxKey: inbox.publicKey,
    guardian: async (id, delegation) => {
      const held = consents.get(id)
      if (held === undefined)
        throw new IsletError('CONSENT_NOT_HANDED_OVER', 'no such grant was handed over here')
      const { ownership, custodian, opening } = held
      const { stream, inboxKey } = ownership.body
      let covers: readonly Cover[] = await reading.covers(id)
      const refresh = async (): Promise<void> => {
        await reading.collect(id)
        covers = await reading.covers(id)
      }
      const memory = await openPatientMemory(shelfPart(ports.shelf, `guardian/${id.slice(2)}`))
      if (memory.now.custodian === null) await memory.change((state) => ({ ...state, custodian }))
      const grants = granting({ ...ports, keys: keysFor(ports, id) }, memory, {
        covers: (kind, generation) =>
          covers.find((cover) => cover.kind === kind && cover.generation === generation),
        patientKey: opening.patientKey,
        stream,
        inboxKey,
        authority: delegation,
        newest: (kind: Kind) =>
          covers.reduce((best, cover) => (cover.kind === kind ? Math.max(best, cover.generation) : best), 0),
      })
      return {
        grant: async (request, choice = {}) => {
          await checkRequest(ports, request)
          await refresh()
          return grants.grant(request.body, choice, 0, custodian)
        },
        revoke: (consent) => grants.revoke(consent),
        settle: async () => {
          await refresh()
          await grants.settle()
        },
      }
    },
  }
}

/** The guardian's keys, with consent keys of their own root for each mandate: no two ever share an address. */
function keysFor(ports: DelegatePorts, id: ConsentId): PatientKeys {
  const { keys, crypto, ed } = ports
  const root = hkdf(crypto.hasher, keys.root, {
    info: concat(utf8('islet/v1/guardian'), fromHex(id)),
    length: 32,
  })
  return { ...keys, consent: patientKeys(root, crypto.hasher, ed).consent }
}

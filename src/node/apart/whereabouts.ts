/**
 * Where an institution finds the others after they moved: what it knows is kept, told when it moves itself, and asked for
 * when somebody is no longer where they were.
 *
 * Laws: every record is signed by the member it is of, so that whoever passes it on is believed for nothing (address book);
 * a peer that is gone costs a few questions and no more than the message that failed.
 */
import Type from 'typebox'
import { Value } from 'typebox/value'
import { SignedAddress } from '../../api/index.ts'
import type { Send } from '../../consent/index.ts'
import type { Signer } from '../../identity/index.ts'
import type { AddressBook } from '../../transport/index.ts'
import { type InstitutionId, IsletError, isIsletError, type Json } from '../../vocabulary/index.ts'
import { readDocumentFile, writeDocumentFile } from '../institution/document-file.ts'
import { institutionSend, type Road } from '../institution/wire.ts'

const Records = Type.Array(SignedAddress, { maxItems: 1_000 })
const Answer = Type.Object({ addresses: Records })
/** What says that nobody, or somebody else, is where a peer was. */
const MOVED = ['PEER_UNREACHABLE', 'PEER_CERTIFICATE_WRONG'] as const
/** Members asked for one who is gone. */
const ASKED = 3

export interface Whereabouts {
  /** Carries messages as the road beneath does, and looks for who is gone before it says so. */
  readonly road: Road
  /** Takes records in and keeps them; those that are refused are left out, unless all were. Throws as the address book. */
  learn(records: readonly SignedAddress[]): Promise<void>
  /** Tells everybody known where this institution is now, and hears where they are. */
  announce(own: SignedAddress): Promise<void>
  /** The answer to an announcement. */
  hear(signed: SignedAddress): Promise<{ addresses: SignedAddress[] }>
}

export async function openWhereabouts(ports: {
  readonly own: InstitutionId
  readonly key: Signer
  readonly path: string
  readonly book: AddressBook
  readonly carry: Road['carry']
}): Promise<Whereabouts> {
  const { own, book, path } = ports
  const send: Send = institutionSend(own, ports.key, { peer: book.peer, carry: ports.carry })
  let mine: SignedAddress | undefined
  let keeping: Promise<unknown> = Promise.resolve()
  const asking = new Map<InstitutionId, Promise<void>>()

  const keep = (): Promise<unknown> => {
    keeping = keeping.catch(() => undefined).then(() => writeDocumentFile(path, book.records()))
    return keeping
  }
  /** What was kept may be older than what is known, and what is passed on may be of a key no longer in force. */
  const take = async (records: readonly SignedAddress[]): Promise<void> => {
    for (const record of records) {
      await book.learn(record).catch((error: unknown) => {
        if (!isIsletError(error, 'ADDRESS_SEQUENCE_OLD', 'ADDRESS_NOT_SIGNED')) throw error
      })
    }
  }
  const tell = async (to: InstitutionId, record: SignedAddress): Promise<void> => {
    const body: Json = JSON.parse(JSON.stringify(record))
    const answer = await send(to, 'address', body)
    if (Value.Check(Answer, answer)) await take(answer.addresses)
  }
  const others = (but: InstitutionId): readonly InstitutionId[] =>
    book
      .records()
      .map(({ body }) => body.institution)
      .filter((id) => id !== own && id !== but)

  const look = async (lost: InstitutionId): Promise<void> => {
    const before = await book.peer(lost)
    if (mine === undefined) return
    const around = others(lost)
    const first = Math.floor(Math.random() * around.length)
    for (const id of [...around.slice(first), ...around.slice(0, first)].slice(0, ASKED)) {
      await tell(id, mine).catch(() => undefined)
      if ((await book.peer(lost))?.certificate !== before?.certificate) break
    }
    await keep()
  }
  const lookFor = (lost: InstitutionId): Promise<void> => {
    const under = asking.get(lost) ?? look(lost).finally(() => asking.delete(lost))
    asking.set(lost, under)
    return under
  }

  await take((await readDocumentFile(path, Records, 'ADDRESS_FILE_DAMAGED')) ?? [])
  return {
    road: {
      peer: book.peer,
      carry: async (peer, request) => {
        try {
          return await ports.carry(peer, request)
        } catch (error) {
          if (!isIsletError(error, ...MOVED)) throw error
          await lookFor(peer.institution)
          const now = await book.peer(peer.institution)
          if (now === undefined || now.certificate === peer.certificate) throw error
          // The sender tries the same envelope again, and finds the new address.
          throw new IsletError('PEER_UNREACHABLE', 'the institution has moved', {
            institution: peer.institution,
          })
        }
      },
    },
    learn: async (records) => {
      await take(records)
      await keep()
    },
    announce: async (record) => {
      mine = record
      await book.learn(record)
      await Promise.all(others(own).map((id) => tell(id, record).catch(() => undefined)))
      await keep()
    },
    hear: async (signed) => {
      await book.learn(signed)
      await keep()
      return { addresses: [...book.records()] }
    },
  }
}

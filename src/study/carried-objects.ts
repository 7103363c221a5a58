/**
 * Objects of a study wherever they lie: on the own shelf, or at another site of the study.
 *
 * Laws: an object is kept only when its bytes have the hash that it was asked by, whoever brought it; one longer than
 * any object of a study may be is not fetched; the own shelf is asked first, and an asking peer gets what lies there.
 */
import type { Shelf } from '../consent/browser.door.ts'
import type { Hasher } from '../vault/index.ts'
import { type Bytes, hash32, type InstitutionId, toHex } from '../vocabulary/index.ts'
import { type ObjectPart, type PeerTurns, peerAnswerWrong } from './peer-turns.ts'
import type { StudyObjects } from './site-ports.ts'
import { bytesHash, updateHash } from './study-hash.ts'

/** The longest object of a study that is carried: an update at its limit, base64url and all, in bytes. */
export const MOST_OBJECT_BYTES = 40 << 20

export interface CarriedObjectsParts {
  readonly own: Pick<Shelf, 'get' | 'put'>
  readonly turns: PeerTurns
  readonly hasher: Pick<Hasher, 'sha256'>
}

/** Throws the codes of the own shelf. */
export function carriedObjects({ own, turns, hasher }: CarriedObjectsParts): StudyObjects {
  const underWay = new Map<string, Promise<Bytes | undefined>>()
  const fetched = async (name: string, author: InstitutionId | undefined): Promise<Bytes | undefined> => {
    const bytes = await turns.first(
      async (site) => {
        const brought = await wholeObject(name, (object, offset) => turns.peers.object(site, object, offset))
        if (!isObject(name, brought, hasher)) throw peerAnswerWrong('OTHER_BYTES')
        return brought
      },
      author === undefined ? undefined : { site: author, isEnough: false },
    )
    if (bytes !== undefined) await own.put(name, bytes)
    return bytes
  }
  return {
    put: (name, bytes) => own.put(name, bytes),
    get: async (name, author) => {
      const here = await own.get(name)
      if (here !== undefined) return here
      const fetching = underWay.get(name) ?? fetched(name, author).finally(() => underWay.delete(name))
      underWay.set(name, fetching)
      return fetching
    },
  }
}

/** All parts of an object, as one peer gives them. Throws `PEER_ANSWER_WRONG`, `OBJECT_TOO_LARGE`, the peer's code. */
async function wholeObject(
  name: string,
  partAt: (object: ReturnType<typeof hash32>, offset: number) => Promise<ObjectPart>,
): Promise<Bytes> {
  const object = hash32(name)
  const { length, part } = await partAt(object, 0)
  if (length > MOST_OBJECT_BYTES) throw peerAnswerWrong('TOO_LARGE')
  if (part.length > length) throw peerAnswerWrong('PART_TOO_LONG')
  const bytes = new Uint8Array(length)
  bytes.set(part)
  for (let offset = part.length; offset < length; ) {
    const next = await partAt(object, offset)
    const isFitting = next.length === length && next.part.length > 0 && offset + next.part.length <= length
    if (!isFitting) throw peerAnswerWrong('PARTS_DISAGREE')
    bytes.set(next.part, offset)
    offset += next.part.length
  }
  return bytes
}

/** Whether bytes are what the ledger names so: a model, an update, a report or a result. */
function isObject(name: string, bytes: Uint8Array, hasher: Pick<Hasher, 'sha256'>): boolean {
  const hashes = [
    () => toHex(hasher.sha256(bytes)),
    () => updateHash(bytes),
    () => bytesHash('report', bytes),
    () => bytesHash('result', bytes),
  ]
  return hashes.some((hash) => hash() === name)
}

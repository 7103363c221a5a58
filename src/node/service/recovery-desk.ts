/**
 * Keeps people's wrapped roots with their custodian, and gives one to whoever names it.
 *
 * Laws: who put a wrap there is the only one who replaces it or takes it away; one person leaves no more than a few;
 * an unknown name is answered as one that was taken away, and as one of a person who was erased.
 */
import { join } from 'node:path'
import Type from 'typebox'
import { Check } from 'typebox/value'
import { type Handlers, RecoveryWrapShape } from '../../api/index.ts'
import { getText, putJson, type Shelf } from '../../consent/index.ts'
import { diskShelf } from '../../consent/shelf-disk.door.ts'
import {
  fromBase64Url,
  type Hash32,
  hash32,
  type InstitutionId,
  IsletError,
  toHex,
} from '../../vocabulary/index.ts'
import type { Hosted } from '../institution/hosted.ts'

type Desk = Pick<Handlers, 'thisNode' | 'recovery' | 'keepRecovery'>
type House = Pick<Hosted, 'id' | 'name' | 'roles' | 'directory' | 'gate' | 'institution'>

/** Wraps that one person may leave: passkeys, and a code or two. */
const MOST = 10

const KeptSchema = Type.Object(
  { owner: Type.String(), wrap: RecoveryWrapShape },
  { additionalProperties: false },
)

/** The desk of the institutions of a node. Throws `RECOVERY_UNKNOWN`, `RECOVERY_TAKEN`, `RECOVERY_WRAPS_TOO_MANY`. */
export function recoveryDesk(houses: () => readonly House[]): Desk {
  const shelves = new Map<InstitutionId, Promise<Shelf>>()
  const shelfOf = (house: House): Promise<Shelf> => {
    const open = shelves.get(house.id) ?? diskShelf(join(house.directory, 'recovery'))
    shelves.set(house.id, open)
    return open
  }
  return {
    thisNode: async () => ({
      origin: houses()[0]?.gate.origin() ?? '',
      custodians: houses()
        .filter(({ roles }) => roles.includes('hospital'))
        .map(({ id, name }) => ({ id, name })),
    }),
    recovery: async ({ params: { lookup } }) => {
      for (const house of houses()) {
        const kept = await keptAt(await shelfOf(house), lookup)
        if (kept === undefined) continue
        if (isPatientOf(house, kept.owner)) return { custodian: house.id, wrap: kept.wrap }
        // Whoever was erased left it behind.
        await (await shelfOf(house)).delete(nameOf(lookup))
      }
      throw new IsletError('RECOVERY_UNKNOWN', 'nothing is kept here under this name')
    },
    keepRecovery: async ({ params: { institution, lookup }, body: { wrap }, caller }) => {
      const house = houses().find(({ id }) => id === institution)
      const owner = caller.keyId
      if (house === undefined || owner === undefined)
        throw new IsletError('INSTITUTION_NOT_HERE', 'that institution is not hosted here')
      const shelf = await shelfOf(house)
      const before = await keptAt(shelf, lookup)
      if (before !== undefined && before.owner !== owner)
        throw new IsletError('RECOVERY_TAKEN', 'somebody else keeps theirs under this name')
      if (wrap === null) {
        await shelf.delete(nameOf(lookup))
        return { kept: false }
      }
      if (before === undefined && (await countOf(shelf, owner)) >= MOST) {
        throw new IsletError(
          'RECOVERY_WRAPS_TOO_MANY',
          `no more than ${MOST} ways back are kept for one person`,
          { most: MOST },
          { remedy: 'take one away first' },
        )
      }
      await putJson(shelf, nameOf(lookup), { owner, wrap })
      return { kept: true }
    },
  }
}

function isPatientOf({ institution }: House, owner: string): boolean {
  return institution.rolesOf(hash32(toHex(fromBase64Url(owner)))).includes('patient')
}

function nameOf(lookup: Hash32): string {
  return `wraps/${lookup.slice(2)}`
}

async function keptAt(shelf: Shelf, lookup: Hash32) {
  return parsed(await getText(shelf, nameOf(lookup)))
}

async function countOf(shelf: Shelf, owner: string): Promise<number> {
  const kept = await Promise.all((await shelf.list('wraps/')).map((name) => getText(shelf, name)))
  return kept.filter((text) => parsed(text)?.owner === owner).length
}

function parsed(text: string | undefined): Type.Static<typeof KeptSchema> | undefined {
  if (text === undefined) return undefined
  const value: unknown = JSON.parse(text)
  return Check(KeptSchema, value) ? value : undefined
}

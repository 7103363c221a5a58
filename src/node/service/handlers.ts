/**
 * The routes of the contract over the rooms of this node.
 *
 * Law: what stands on the ledger is read from the projection of this node's own ledger, caught up at the moment of asking;
 * a log is answered from its files, as anybody would hold it.
 */
import type { Handlers, StoryInstitution } from '../../api/index.ts'
import type { ConsentRow, InstitutionRow, Ledger, ProjectionReads } from '../../ledger/index.ts'
import { TILE_WIDTH, tilePath } from '../../vault/index.ts'
import { logFiles } from '../../vault/log.door.ts'
import {
  formatInstant,
  INSTITUTION_ROLES,
  type InstitutionId,
  IsletError,
  membersOf,
  quantity,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import type { Hosted } from '../institution/hosted.ts'
import { wallClock } from '../institution/wire.ts'
import { NO_STUDIES } from '../study/study-answers.ts'
import type { Consortium } from '../world/consortium.ts'
import { ledgerFigure } from './board-watcher.ts'
import { NO_STAFF } from './demo-staff.ts'
import { ledgerAnswers } from './ledger-answers.ts'
import { NO_OPERATIONS } from './operations.ts'
import { NO_PERSONAS } from './personas.ts'
import { recoveryDesk } from './recovery-desk.ts'

const DAY = 86_400

/** Every route that is not the HTTP room's own. */
export function handlersOver(
  consortium: Pick<Consortium, 'hosted' | 'chain' | 'engine'> & {
    readonly ledger: Pick<Ledger, 'head' | 'chainId'>
    /** How members are called, where others than those of this node are known. */
    readonly known?: readonly Pick<Hosted, 'id' | 'name'>[]
  },
  reads: () => Promise<ProjectionReads>,
  others: Partial<Handlers> = {},
): Handlers {
  const { ledger, known = [...consortium.hosted.values()] } = consortium
  const houseOf = (id: InstitutionId): Hosted => {
    const house = [...consortium.hosted.values()].find((one) => one.id === id)
    if (house === undefined)
      throw new IsletError('INSTITUTION_NOT_HERE', 'that institution is not hosted here')
    return house
  }
  return {
    ...NO_STUDIES,
    ...NO_PERSONAS,
    ...NO_STAFF,
    ...NO_OPERATIONS,
    ...others,
    ...recoveryDesk(() => [...consortium.hosted.values()]),
    ...ledgerAnswers(consortium.chain),
    head: async () =>
      ledgerFigure(await ledger.head(), { chainId: ledger.chainId, engine: consortium.engine }),
    institutions: async () => ({ institutions: await institutionFigures(known, await reads()) }),
    consent: async ({ params: { consent } }) => {
      const rows = await reads()
      const [row, head] = [await rows.consent(consent), await ledger.head()]
      const now = Math.max(wallClock(), head.timestamp)
      return { consent, ...consentFigure(row, now), height: head.height }
    },
    checkpoint: async ({ params }) => {
      const { log } = houseOf(params.institution)
      return (log.signed?.size === log.size ? log.signed : await log.checkpoint()).note
    },
    tile: async ({ params: { institution, level, index }, query }) => {
      const read = logFiles(`${houseOf(institution).directory}/log`)
      const tile = await read(tilePath({ level, index, width: query.width ?? TILE_WIDTH }))
      if (tile === undefined) throw new IsletError('NOT_FOUND', 'the log has no such tile')
      return tile
    },
  }
}

/** The members as the ledger knows them, with the names that this node knows them by. */
export async function institutionFigures(
  known: readonly Pick<Hosted, 'id' | 'name'>[],
  reads: ProjectionReads,
): Promise<StoryInstitution[]> {
  const place = (row: InstitutionRow): number => {
    const at = known.findIndex(({ id }) => id === row.id)
    return at < 0 ? known.length : at
  }
  const rows = [...(await reads.institutions())].sort((a, b) => place(a) - place(b))
  return rows.map((row) => ({
    id: row.id,
    name: known.find(({ id }) => id === row.id)?.name ?? `Member ${row.id.slice(0, 10)}`,
    roles: [...membersOf(INSTITUTION_ROLES, row.roles)],
    state: row.status === 'ACTIVE' ? 'active' : 'suspended',
  }))
}

function consentFigure(
  row: ConsentRow | undefined,
  now: number,
): { readonly state: 'none' | 'active' | 'revoked' | 'expired'; readonly expires: string | null } {
  if (row === undefined) return { state: 'none', expires: null }
  const ends = row.expiryDay === null ? null : row.expiryDay * DAY
  const expires = ends === null ? null : formatInstant(quantity<UnixSeconds>(ends))
  if (row.state === 'REVOKED') return { state: 'revoked', expires }
  return { state: ends !== null && ends <= now ? 'expired' : 'active', expires }
}

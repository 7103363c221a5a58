/**
 * The projection in SQL, through kysely: the node owns the database and passes it in.
 *
 * Law: blocks and what they change are written in one transaction; a rewind derives the rows anew from the events that
 * stay. Tables: projection-schema.ts.
 */
import type { Kysely, Transaction } from 'kysely'
import {
  type Address,
  type ConsentId,
  type Hash32,
  type Hex,
  type InstitutionId,
  quantity,
} from '../vocabulary/index.ts'
import type { Head } from './port.ts'
import {
  type AnchorRow,
  type Change,
  type ConsentRow,
  changeOf,
  type InstitutionRow,
  type ProjectionReads,
  type RequestRow,
} from './projection.ts'
import { createLedgerTables, type LedgerTables } from './projection-schema.ts'
import { type BlockEvents, digestOf, type ProjectionStore } from './projection-store.ts'

export { createLedgerTables, dropLedgerTables, type LedgerTables } from './projection-schema.ts'

type Database = Kysely<LedgerTables>

/** A database that the projection's tables lie in. */
export interface LedgerDatabase {
  readonly tables: Database
  close(): Promise<void>
}

/** Opens the SQL projection of a database, creating its tables where they are absent. */
export async function sqlStore(database: Database): Promise<ProjectionStore> {
  await createLedgerTables(database)
  return new SqlStore(database)
}

class SqlStore implements ProjectionStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async head(): Promise<Head | undefined> {
    const row = await this.#database.selectFrom('ledger_cursor').selectAll().executeTakeFirst()
    return row === undefined ? undefined : headOfRow(row)
  }

  async blocksBelow(height: number, limit: number): Promise<readonly Head[]> {
    const rows = await this.#database
      .selectFrom('ledger_blocks')
      .selectAll()
      .where('height', '<', height)
      .orderBy('height', 'desc')
      .limit(limit)
      .execute()
    return rows.map(headOfRow)
  }

  async apply(blocks: readonly BlockEvents[]): Promise<void> {
    const last = blocks.at(-1)
    if (last === undefined) return
    await this.#database.transaction().execute(async (work) => {
      for (const { block, events } of blocks) {
        if (events.length === 0) continue
        await work.insertInto('ledger_blocks').values(rowOfHead(block)).execute()
        for (const event of events) {
          const change = changeOf(event)
          await work
            .insertInto('ledger_events')
            .values({
              block_hash: block.hash,
              log_index: event.index,
              height: block.height,
              contract: event.contract,
              name: event.name,
              transaction: event.transaction,
              change: change === undefined ? null : JSON.stringify(change),
            })
            .execute()
          if (change !== undefined) await write(work, change, block.height)
        }
      }
      await moveCursor(work, last.block)
    })
  }

  async rewind(to: Head | undefined): Promise<void> {
    await this.#database.transaction().execute(async (work) => {
      const height = to?.height ?? -1
      await work.deleteFrom('ledger_events').where('height', '>', height).execute()
      await work.deleteFrom('ledger_blocks').where('height', '>', height).execute()
      for (const table of DERIVED) await work.deleteFrom(table).execute()
      const events = await work
        .selectFrom('ledger_events')
        .select(['height', 'change'])
        .where('change', 'is not', null)
        .orderBy('height')
        .orderBy('log_index')
        .execute()
      for (const { change, height: at } of events) {
        // Written by `apply` from a typed change.
        if (change !== null) await write(work, JSON.parse(change) as Change, at)
      }
      if (to === undefined) await work.deleteFrom('ledger_cursor').execute()
      else await moveCursor(work, to)
    })
  }

  async digest(): Promise<Hash32> {
    const all = async <T extends (typeof DERIVED)[number]>(table: T) =>
      this.#database.selectFrom(table).selectAll().execute()
    return digestOf({
      consents: (await all('ledger_consents')).map((row) =>
        consentOfRow(row as LedgerTables['ledger_consents']),
      ),
      institutions: await this.institutions(),
      anchors: (await all('ledger_anchors')).map((row) => anchorOfRow(row as LedgerTables['ledger_anchors'])),
      requests: (await all('ledger_requests')).map((row) =>
        requestOfRow(row as LedgerTables['ledger_requests']),
      ),
    })
  }

  consent: ProjectionReads['consent'] = async (id) => {
    const query = this.#database.selectFrom('ledger_consents').selectAll().where('consent_id', '=', id)
    const row = await query.executeTakeFirst()
    return row === undefined ? undefined : consentOfRow(row)
  }

  institution: ProjectionReads['institution'] = async (id) => {
    const query = this.#database.selectFrom('ledger_institutions').selectAll().where('id', '=', id)
    const row = await query.executeTakeFirst()
    return row === undefined ? undefined : institutionOfRow(row)
  }

  institutions: ProjectionReads['institutions'] = async () => {
    const rows = await this.#database.selectFrom('ledger_institutions').selectAll().orderBy('id').execute()
    return rows.map(institutionOfRow)
  }

  institutionOf: ProjectionReads['institutionOf'] = async (key) => {
    const query = this.#database.selectFrom('ledger_institutions').selectAll().where('ledger_key', '=', key)
    const row = await query.executeTakeFirst()
    return row === undefined ? undefined : institutionOfRow(row)
  }

  anchor: ProjectionReads['anchor'] = async (institution, stream, slot) =>
    (await this.anchors({ institution, stream, fromSlot: slot, toSlot: slot }))[0]

  anchors: ProjectionReads['anchors'] = async ({ institution, stream, fromSlot, toSlot }) => {
    let query = this.#database
      .selectFrom('ledger_anchors')
      .selectAll()
      .where('institution', '=', institution)
      .where('stream', '=', stream)
    if (fromSlot !== undefined) query = query.where('slot', '>=', fromSlot)
    if (toSlot !== undefined) query = query.where('slot', '<=', toSlot)
    return (await query.orderBy('slot').execute()).map(anchorOfRow)
  }

  request: ProjectionReads['request'] = async (institution, commitment) => {
    const query = this.#database.selectFrom('ledger_requests').selectAll()
    const row = await query
      .where('institution', '=', institution)
      .where('commitment', '=', commitment)
      .executeTakeFirst()
    return row === undefined ? undefined : requestOfRow(row)
  }

  counts: ProjectionReads['counts'] = async () => {
    const count = async (table: (typeof DERIVED)[number], revoked = false): Promise<number> => {
      let query = this.#database.selectFrom(table).select(({ fn }) => fn.countAll().as('n'))
      if (revoked) query = query.where('state' as never, '=', 'REVOKED' as never)
      return Number((await query.executeTakeFirstOrThrow()).n)
    }
    return {
      consents: await count('ledger_consents'),
      revoked: await count('ledger_consents', true),
      anchors: await count('ledger_anchors'),
      requests: await count('ledger_requests'),
      institutions: await count('ledger_institutions'),
    }
  }
}

const DERIVED = ['ledger_consents', 'ledger_institutions', 'ledger_anchors', 'ledger_requests'] as const

async function moveCursor(work: Transaction<LedgerTables>, to: Head): Promise<void> {
  const row = rowOfHead(to)
  await work
    .insertInto('ledger_cursor')
    .values({ id: 0, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
}

async function write(work: Transaction<LedgerTables>, change: Change, height: number): Promise<void> {
  switch (change.is) {
    case 'granted': {
      const { consentId, signer, commitment, expiryDay } = change
      const row = {
        signer,
        commitment,
        state: 'ACTIVE',
        expiry_day: expiryDay,
        granted_height: height,
        revoked_height: null,
      }
      await work
        .insertInto('ledger_consents')
        .values({ consent_id: consentId, ...row })
        .execute()
      return
    }
    case 'revoked': {
      const revoked = { state: 'REVOKED', revoked_height: height }
      const tombstone = { commitment: null, expiry_day: null, granted_height: null, ...revoked }
      await work
        .insertInto('ledger_consents')
        .values({ consent_id: change.consentId, signer: change.signer, ...tombstone })
        .onConflict((conflict) => conflict.column('consent_id').doUpdateSet(revoked))
        .execute()
      return
    }
    case 'institution': {
      const { id, ledgerKey, messageKey, hpkeKeyHash, roles, status } = change.row
      const row = {
        id,
        ledger_key: ledgerKey,
        message_key: messageKey,
        hpke_key_hash: hpkeKeyHash,
        roles,
        status,
      }
      await work.insertInto('ledger_institutions').values(row).execute()
      return
    }
    case 'institution-changed': {
      const { ledgerKey, messageKey, hpkeKeyHash, roles, status } = change.fields
      const row = {
        ...(ledgerKey === undefined ? {} : { ledger_key: ledgerKey }),
        ...(messageKey === undefined ? {} : { message_key: messageKey }),
        ...(hpkeKeyHash === undefined ? {} : { hpke_key_hash: hpkeKeyHash }),
        ...(roles === undefined ? {} : { roles }),
        ...(status === undefined ? {} : { status }),
      }
      await work.updateTable('ledger_institutions').set(row).where('id', '=', change.id).execute()
      return
    }
    case 'anchored': {
      const { count, blockTime, ...row } = change.row
      await work
        .insertInto('ledger_anchors')
        .values({ ...row, leaves: count, block_time: blockTime })
        .execute()
      return
    }
    case 'corrected':
      await work
        .updateTable('ledger_anchors')
        .set({ corrects: change.corrects })
        .where('institution', '=', change.institution)
        .where('stream', '=', change.stream)
        .where('slot', '=', change.slot)
        .execute()
      return
    case 'requested': {
      const { blockTime, ...row } = change.row
      await work
        .insertInto('ledger_requests')
        .values({ ...row, block_time: blockTime })
        .execute()
      return
    }
    default:
      change satisfies never
  }
}

type HeadRow = LedgerTables['ledger_blocks']

function rowOfHead(head: Head): HeadRow {
  return { hash: head.hash, parent_hash: head.parentHash, height: head.height, block_time: head.timestamp }
}

// The casts below name what `write` put there.
function headOfRow(row: HeadRow): Head {
  const { hash, parent_hash, height, block_time } = row
  return { height, hash: hash as Hash32, parentHash: parent_hash as Hash32, timestamp: quantity(block_time) }
}

function consentOfRow(row: LedgerTables['ledger_consents']): ConsentRow {
  return {
    consentId: row.consent_id as ConsentId,
    signer: row.signer as Address,
    commitment: row.commitment as Hash32 | null,
    state: row.state === 'REVOKED' ? 'REVOKED' : 'ACTIVE',
    expiryDay: row.expiry_day,
    grantedHeight: row.granted_height,
    revokedHeight: row.revoked_height,
  }
}

function institutionOfRow(row: LedgerTables['ledger_institutions']): InstitutionRow {
  return {
    id: row.id as InstitutionId,
    ledgerKey: row.ledger_key as Address,
    messageKey: row.message_key as Hash32,
    hpkeKeyHash: row.hpke_key_hash as Hash32,
    roles: row.roles,
    status: row.status === 'SUSPENDED' ? 'SUSPENDED' : 'ACTIVE',
  }
}

function anchorOfRow(row: LedgerTables['ledger_anchors']): AnchorRow {
  return {
    institution: row.institution as InstitutionId,
    stream: row.stream,
    slot: row.slot,
    root: row.root as Hash32,
    count: row.leaves,
    previous: row.previous as Hex,
    corrects: row.corrects,
    height: row.height,
    blockTime: quantity(row.block_time),
    transaction: row.transaction as Hash32,
  }
}

function requestOfRow(row: LedgerTables['ledger_requests']): RequestRow {
  return {
    institution: row.institution as InstitutionId,
    commitment: row.commitment as Hash32,
    height: row.height,
    blockTime: quantity(row.block_time),
  }
}

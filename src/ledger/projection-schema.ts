/**
 * The tables of the SQL projection: one file, one dialect (PostgreSQL, embedded as PGlite or on a server).
 *
 * Law: everything here is derived; dropping all of it loses nothing. 64-bit counts that a member may choose freely are
 * kept as text, so that no number on the ledger can break the table.
 */
import { type Kysely, sql } from 'kysely'

export interface LedgerTables {
  ledger_cursor: {
    id: number
    height: number
    hash: string
    parent_hash: string
    block_time: number
  }
  ledger_blocks: { hash: string; parent_hash: string; height: number; block_time: number }
  ledger_events: {
    block_hash: string
    log_index: number
    height: number
    contract: string
    name: string
    transaction: string
    change: string | null
  }
  ledger_consents: {
    consent_id: string
    signer: string
    commitment: string | null
    state: string
    expiry_day: number | null
    granted_height: number | null
    revoked_height: number | null
  }
  ledger_institutions: {
    id: string
    ledger_key: string
    message_key: string
    hpke_key_hash: string
    roles: number
    status: string
  }
  ledger_anchors: {
    institution: string
    stream: number
    slot: number
    root: string
    leaves: string
    previous: string
    corrects: number | null
    height: number
    block_time: number
    transaction: string
  }
  ledger_requests: { institution: string; commitment: string; height: number; block_time: number }
}

/** Creates what is absent. */
export async function createLedgerTables<T extends LedgerTables>(database: Kysely<T>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database)
}

/** Drops all of it. */
export async function dropLedgerTables<T extends LedgerTables>(database: Kysely<T>): Promise<void> {
  for (const table of TABLES) await sql.raw(`drop table if exists ${table}`).execute(database)
}

const TABLES = [
  'ledger_cursor',
  'ledger_events',
  'ledger_blocks',
  'ledger_consents',
  'ledger_institutions',
  'ledger_anchors',
  'ledger_requests',
]

// float8 holds every integer that JavaScript can; drivers give int8 back as text.
const STATEMENTS = [
  `create table if not exists ledger_cursor (
    id integer primary key, height integer not null, hash text not null, parent_hash text not null,
    block_time float8 not null)`,
  `create table if not exists ledger_blocks (
    hash text primary key, parent_hash text not null, height integer not null, block_time float8 not null)`,
  `create index if not exists ledger_blocks_height on ledger_blocks (height)`,
  `create table if not exists ledger_events (
    block_hash text not null, log_index integer not null, height integer not null, contract text not null,
    name text not null, transaction text not null, change text, primary key (block_hash, log_index))`,
  `create index if not exists ledger_events_height on ledger_events (height, log_index)`,
  `create table if not exists ledger_consents (
    consent_id text primary key, signer text not null, commitment text, state text not null,
    expiry_day float8, granted_height integer, revoked_height integer)`,
  `create table if not exists ledger_institutions (
    id text primary key, ledger_key text not null, message_key text not null, hpke_key_hash text not null,
    roles integer not null, status text not null)`,
  `create table if not exists ledger_anchors (
    institution text not null, stream integer not null, slot float8 not null, root text not null,
    leaves text not null, previous text not null, corrects float8, height integer not null,
    block_time float8 not null, transaction text not null, primary key (institution, stream, slot))`,
  `create table if not exists ledger_requests (
    institution text not null, commitment text not null, height integer not null, block_time float8 not null,
    primary key (institution, commitment))`,
]

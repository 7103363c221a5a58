/**
 * What an institution brings to its part in consents: keys, stores, books, clock, ledger, and a way to the others.
 */
import type { Ed25519, Signer } from '../identity/index.ts'
import type { Crypto, ErasureList, ObjectStore } from '../vault/index.ts'
import type { ConsentId, InstitutionId, Json, UnixSeconds } from '../vocabulary/index.ts'
import type { ChainReader, ChainWriter } from './chain.ts'
import type { Shelf } from './shelf.ts'

/**
 * Sends a message to an institution and gives its answer; a refusal is thrown with the receiver's code.
 * Parties share nothing but what goes through here.
 */
export type Send = (to: InstitutionId, type: string, body: Json) => Promise<Json>

/** What auditors may read of an access, and what is sealed for patient and institution. */
export interface AccessRecord {
  readonly clear: {
    readonly action: 'read' | 'search' | 'append' | 'hand-over' | 'refuse' | 'erase'
    readonly consent: ConsentId | undefined
    readonly block: number
    readonly at: UnixSeconds
    readonly count: number
  }
  readonly sealed: Json
}

/** The access log as a custodian uses it; `vault` keeps it. */
export interface AccessBook {
  readonly size: number
  /** Durable when it returns. */
  append(record: AccessRecord, logKey: Uint8Array): Promise<{ readonly index: number }>
  checkpoint(): Promise<{ readonly note: string; readonly size: number; readonly root: Uint8Array }>
  entries(from: number, until: number): Promise<readonly Uint8Array[]>
  inclusion(index: number, size: number): Promise<readonly Uint8Array[]>
  consistency(first: number, second: number): Promise<readonly Uint8Array[]>
}

export interface InstitutionPorts {
  readonly own: InstitutionId
  /** Message key (Ed25519). */
  readonly signer: Signer
  readonly ed: Ed25519
  readonly crypto: Crypto
  readonly chain: ChainReader & ChainWriter
  /** The institution's own directory of documents. */
  readonly shelf: Shelf
  readonly store: ObjectStore
  readonly log: AccessBook
  readonly clock: () => UnixSeconds
  readonly send: Send
  /** Who was erased; best kept outside backups. On the shelf when left out. */
  readonly erasures?: ErasureList
  /** Minutes of an anchor slot. */
  readonly slotMinutes: number
}

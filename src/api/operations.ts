/**
 * What operators and auditors are told of a node: blocks, anchors, access logs, how fast revokes reach the ledger, backups.
 *
 * Law: institutions, hashes, counts and durations; no person, no consent, no entry of a log.
 */
import Type, { type Static } from 'typebox'
import {
  CountField,
  Hash32Field,
  InstantField,
  InstitutionIdField,
  NameField,
  oneOf,
  SecondsField,
} from './fields.ts'
import type { Role } from './roles.ts'
import { closed, orNull } from './shapes.ts'

const Anchor = Type.Object(
  { slot: CountField, root: Hash32Field, count: CountField, block: CountField, time: InstantField },
  closed,
)

/** Most blocks in one answer. */
export const MOST_BLOCKS = 100

const BlocksAnswer = Type.Object(
  {
    blocks: Type.Array(Type.Object({ height: CountField, hash: Hash32Field, time: InstantField }, closed)),
  },
  { ...closed, description: 'Blocks of the ledger, newest first.' },
)

export const OperationsAnswer = Type.Object(
  {
    since: InstantField,
    institutions: Type.Array(
      Type.Object(
        {
          id: InstitutionIdField,
          name: NameField,
          state: oneOf(['active', 'suspended'] as const),
          /** Newest anchors on the ledger; null before the first. */
          objects: orNull(Anchor),
          log: orNull(Anchor),
          /** Entries of its access log here, and how many of them stand behind the newest anchor. */
          entries: CountField,
        },
        closed,
      ),
    ),
    /**
     * From the moment an inbox of this node took a revoke it had not seen to the answer that names its block, since this
     * node began; `pending` had no block by the answer.
     */
    revokes: Type.Object(
      {
        measured: CountField,
        pending: CountField,
        median_seconds: orNull(SecondsField),
        p99_seconds: orNull(SecondsField),
        slowest_seconds: orNull(SecondsField),
      },
      closed,
    ),
    /** The newest backup that was made of this data directory; null where none is known. */
    backup: orNull(Type.Object({ at: InstantField, bytes: CountField }, closed)),
  },
  { ...closed, description: 'How this node and its institutions do.' },
)
export type OperationsAnswer = Static<typeof OperationsAnswer>

const read = {
  method: 'GET',
  tag: 'node',
  roles: ['auditor', 'operator'] as const satisfies readonly Role[],
  loopback: false,
  limit: 0,
  produces: 'application/json',
  weight: 5,
} as const

export const OPERATION_ROUTES = {
  ledgerBlocks: {
    ...read,
    tag: 'ledger',
    path: '/v1/ledger/blocks',
    summary: 'Blocks of the ledger, newest first',
    query: Type.Object(
      {
        until: Type.Optional(CountField),
        count: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_BLOCKS })),
      },
      closed,
    ),
    answer: BlocksAnswer,
  },
  operations: {
    ...read,
    path: '/v1/operations',
    summary: 'Anchors, access logs, revocation latency and backups of this node',
    answer: OperationsAnswer,
  },
} as const

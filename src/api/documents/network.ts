/** `islet.network/1`: a consortium's ledger as it stands: its head, its seats, and how many more may fail. */
import { type Static, Type } from 'typebox'
import { orNull } from '../shapes.ts'

export const NetworkDocument = Type.Object(
  {
    schema: Type.Literal('islet.network/1'),
    engine: Type.String(),
    chain_id: Type.Number(),
    genesis_sha256: Type.String({ description: 'what members compare before the first block' }),
    head: orNull(Type.Object({ height: Type.Number(), hash: Type.String(), time: Type.String() })),
    block_seconds_p50: orNull(
      Type.Number({ description: 'between the last blocks; an idle chain makes one a heartbeat' }),
    ),
    validators: Type.Array(
      Type.Object({
        id: Type.String({ description: 'public key of the seat' }),
        institution: Type.String(),
        power: Type.Number(),
        signing: Type.Boolean({ description: 'answers now and signed one of the last five blocks' }),
        last_signed_height: orNull(Type.Number({ description: 'among the last five blocks' })),
        signed_twice_height: orNull(
          Type.Number({ description: 'newest height, of the last 1,000 blocks, with evidence of two votes' }),
        ),
        pid: orNull(Type.Number()),
        rpc: orNull(Type.String({ description: 'of a node of this machine' })),
        metrics: orNull(Type.String({ description: 'the engine’s own figures, for Prometheus' })),
      }),
    ),
    can_lose: Type.Number({ description: 'seats that may still fail, the strongest first' }),
    peers: Type.Number({ description: 'of the first node that answers' }),
    halted_because: orNull(Type.String()),
  },
  { $id: 'islet.network/1', title: 'The state of a consortium’s ledger' },
)
export type NetworkDocument = Static<typeof NetworkDocument>

export const MemberDocument = Type.Object(
  {
    schema: Type.Literal('islet.member/1'),
    done: Type.Enum(['requested', 'gathered', 'invited', 'voted', 'proposed', 'decided']),
    institution: orNull(Type.String({ description: 'id of the institution that it is about' })),
    chain_id: orNull(Type.Number({ description: 'of the network that follows from the requests' })),
  },
  {
    $id: 'islet.member/1',
    title: 'A step of members who found a network on hosts of their own, take one in, or decide on seats',
  },
)
export type MemberDocument = Static<typeof MemberDocument>

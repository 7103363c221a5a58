/**
 * What the ledger says, as a person's own program asks it: members, consents, requests, anchors.
 *
 * Law: these answers are open to whoever names the thing asked for, on purpose. A person asks them without a signature,
 * so that the node that answers cannot link their consents to one another or to their identity key (PROTOCOL 8).
 */
import Type from 'typebox'
import { AddressField, ConsentIdField, CountField, Hash32Field, InstitutionIdField, oneOf } from './fields.ts'
import { closed } from './shapes.ts'

export const LedgerContractsAnswer = Type.Object(
  { chain_id: CountField, consents: AddressField },
  { ...closed, description: 'For which ledger and contract a consent is signed.' },
)
export const LedgerMembersAnswer = Type.Object(
  {
    members: Type.Array(
      Type.Object(
        {
          id: InstitutionIdField,
          active: Type.Boolean(),
          /** Ed25519 public key of its messages. */
          message_key: Hash32Field,
          /** SHA-256 of its X-Wing public key. */
          hpke_key_hash: Hash32Field,
        },
        closed,
      ),
    ),
  },
  { ...closed, description: 'Every institution ever admitted, with the keys that it answers by.' },
)
export const LedgerConsentAnswer = Type.Object(
  {
    state: oneOf(['NONE', 'ACTIVE', 'REVOKED'] as const),
    /** Day, counted from 1970, at whose start the consent is surely over; 0 for an unknown one. */
    expiry_day: CountField,
    height: CountField,
    /** Seconds since 1970 of the block that was read. */
    time_seconds: CountField,
  },
  { ...closed, description: 'The state of a consent at the newest block.' },
)
export const LedgerRequestAnswer = Type.Object(
  { recorded_seconds: Type.Union([CountField, Type.Null()]) },
  { ...closed, description: 'When an institution recorded a request, seconds since 1970.' },
)
export const LedgerSlotAnswer = Type.Object(
  { slot: CountField },
  { ...closed, description: 'Newest anchored slot, 0 before the first.' },
)
export const LedgerAnchorAnswer = Type.Object(
  {
    anchor: Type.Union([
      Type.Object({ root: Hash32Field, count: CountField, block: CountField }, closed),
      Type.Null(),
    ]),
  },
  { ...closed, description: 'The root that an institution anchored for a slot.' },
)

const member = { member: InstitutionIdField } as const
const stream = { ...member, stream: oneOf(['objects', 'log'] as const) } as const
export const LedgerConsentParams = Type.Object({ consent: ConsentIdField, signer: AddressField }, closed)
export const LedgerRequestParams = Type.Object({ ...member, commitment: Hash32Field }, closed)
export const LedgerSlotParams = Type.Object(stream, closed)
export const LedgerAnchorParams = Type.Object(
  { ...stream, slot: Type.Integer({ minimum: 0, maximum: 2 ** 40 }) },
  closed,
)

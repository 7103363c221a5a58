/**
 * What lies inside the messages of this node, for the published contract: the shapes of consent and of care, and the heads of
 * the ledger.
 *
 * Law: a type without a shape here is one that no institution of this release answers.
 */
import Type from 'typebox'
import { AddressField, CountField, Hash32Field, MESSAGES, type MessageShapes } from '../../api/index.ts'
import {
  CallAnswerSchema,
  CallMessageSchema,
  PrescriptionQuestionSchema,
  QuestionSchema,
  ReviewSchema,
} from '../../care/index.ts'
import { MESSAGE_BODIES, MESSAGE_REPLIES, MESSAGE_TYPES } from '../../consent/index.ts'

const closed = { additionalProperties: false } as const

/** A head that the operator signed, as ledger room's `SignedHead`; none yet is null. */
const headExchange = Type.Object(
  {
    head: Type.Union([
      Type.Object(
        {
          schema: Type.Literal('islet.head/1'),
          chainId: CountField,
          genesisHash: Hash32Field,
          height: CountField,
          hash: Hash32Field,
          timestamp: CountField,
          journal: Hash32Field,
          operator: AddressField,
          signature: Type.String({ pattern: '^0x[0-9a-f]{130}$' }),
        },
        closed,
      ),
      Type.Null(),
    ]),
  },
  closed,
)

export const NODE_MESSAGE_SHAPES: MessageShapes = {
  ...Object.fromEntries(
    MESSAGE_TYPES.map((type) => [type, { body: MESSAGE_BODIES[type], reply: MESSAGE_REPLIES[type] }]),
  ),
  'signed-head': { body: headExchange, reply: headExchange },
  'emergency-call': { body: CallMessageSchema, reply: CallAnswerSchema },
  'emergency-review': {
    body: Type.Object({ review: ReviewSchema }, closed),
    reply: Type.Object({}, closed),
  },
  'my-prescriptions': {
    body: Type.Object({ question: PrescriptionQuestionSchema }, closed),
    reply: MESSAGES['my-prescriptions'].reply,
  },
  'emergency-account': {
    body: Type.Object({ question: QuestionSchema }, closed),
    reply: MESSAGES['emergency-account'].reply,
  },
}

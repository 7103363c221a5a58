import { Validator } from '@seriousme/openapi-schema-validator'
import { Value } from 'typebox/value'
import { describe, expect, test } from 'vitest'
import { MESSAGE_NAMES, messageSchemaName, Open, openApi } from '../../api/index.ts'
import { secp256k1Signer, signHead } from '../../ledger/index.ts'
import { address, hash32, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { NODE_MESSAGE_SHAPES } from './message-shapes.ts'

/** In the table, and answered by no institution of this release. */
const UNANSWERED = ['log-checkpoint', 'institution-enrolment', 'key-rotation']

const contract = JSON.parse(JSON.stringify(openApi('1.2.3', NODE_MESSAGE_SHAPES)))

describe('the contract that a node publishes', () => {
  test('is valid OpenAPI 3.1 with the shapes of all messages in it', async () => {
    expect(await new Validator().validate(structuredClone(contract))).toMatchObject({ valid: true })
  })

  test('shows what lies in every message that is answered', () => {
    for (const name of MESSAGE_NAMES) {
      const { properties } = contract.components.schemas[messageSchemaName(name)]
      const open = JSON.stringify(properties.body) === JSON.stringify(Open)
      expect(open, name).toBe(UNANSWERED.includes(name))
    }
    const { order } = contract.components.schemas['Message-read'].properties.body.properties
    expect(Object.keys(order.properties.body.properties)).toContain('consentId')
  })

  test('a head as the operator signs it fits its shape, and one without signature does not', () => {
    const signer = secp256k1Signer(new Uint8Array(32).fill(3))
    const hash = hash32(`0x${'ab'.repeat(32)}`)
    const head = signHead(
      {
        schema: 'islet.head/1',
        chainId: 1,
        genesisHash: hash,
        height: 4,
        hash,
        timestamp: quantity<UnixSeconds>(1_700_000_000),
        journal: hash,
        operator: address(signer.address),
      },
      signer,
    )
    const shape = NODE_MESSAGE_SHAPES['signed-head']?.body
    if (shape === undefined) throw new Error('no shape')
    expect([...Value.Errors(shape, { head })]).toEqual([])
    const { signature: _, ...unsigned } = head
    expect(Value.Check(shape, { head: unsigned })).toBe(false)
  })
})

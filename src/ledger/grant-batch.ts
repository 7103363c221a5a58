/**
 * The call `grantBatch` and its answers, at their fixed places: what the general codec would spend most of a grant's
 * time on. Pure. The tests hold both directions against viem's codec over the generated ABI.
 *
 *   call    = selector ‖ 0x20 ‖ n ‖ n × (commitment, signer, expiryDay, nonce, deadline, v, r, s), 32 bytes each
 *   answer  = Granted(consentId, signer; commitment, expiryDay) | GrantRefused(signer; commitment, code)
 *
 * Law: numbers are within their fields (`fitsFields`) and signatures 65 bytes before they come here.
 */
import { toEventSelector, toFunctionSelector } from 'viem'
import {
  type Address,
  address,
  type ConsentId,
  consentId,
  type Hash32,
  type Hex,
  hash32,
} from '../vocabulary/index.ts'
import { consentLedgerAbi, GRANT_CODES, type GrantCode } from './abi/index.ts'
import { gasFor } from './contracts.ts'
import { consentIdOf, type GrantIntent } from './intents.ts'
import type { Call, Log } from './port.ts'

export interface GrantAnswer {
  readonly signer: Address
  readonly commitment: Hash32
  readonly consentId: ConsentId
  readonly code: GrantCode
}

/** The call for one or more verified intents. */
export function grantBatchCall(consents: Address, intents: readonly GrantIntent[]): Call {
  let data = `${SELECTOR}${word('20')}${word(intents.length.toString(16))}`
  for (const { commitment, signer, expiryDay, nonce, deadline, signature } of intents) {
    const v = Number.parseInt(signature.slice(130), 16)
    data += commitment.slice(2)
    data += word(signer.slice(2))
    data += word(expiryDay.toString(16))
    data += word(nonce.toString(16))
    data += word(deadline.toString(16))
    data += word((v < 27 ? v + 27 : v).toString(16))
    data += signature.slice(2, 130)
  }
  return { to: consents, data: data as Hex, gas: gasFor('grantBatch', [intents]) }
}

/** What the contract answered to each grant of a receipt, in order. */
export function grantAnswers(consents: Address, logs: readonly Log[]): readonly GrantAnswer[] {
  const answers: GrantAnswer[] = []
  for (const { address: at, topics, data } of logs) {
    if (at !== consents || data.length !== 130) continue
    const commitment = hash32(data.slice(0, 66))
    if (topics[0] === GRANTED && topics.length === 3) {
      const [, id = '', signer = ''] = topics
      answers.push({ signer: accountIn(signer), commitment, consentId: consentId(id), code: 'GRANTED' })
    } else if (topics[0] === GRANT_REFUSED && topics.length === 2) {
      const signer = accountIn(topics[1] ?? '')
      const code = GRANT_CODES[Number.parseInt(data.slice(66), 16)] ?? 'SIGNATURE_INVALID'
      answers.push({ signer, commitment, consentId: consentIdOf(commitment, signer), code })
    }
  }
  return answers
}

const functions = consentLedgerAbi.filter((item) => item.type === 'function')
const events = consentLedgerAbi.filter((item) => item.type === 'event')
const SELECTOR = functions
  .filter(({ name }) => name === 'grantBatch')
  .map((item) => toFunctionSelector(item))[0]
const [GRANTED, GRANT_REFUSED] = ['Granted', 'GrantRefused'].map(
  (name) => events.filter((item) => item.name === name).map((item) => toEventSelector(item))[0],
)

function word(digits: string): string {
  return digits.padStart(64, '0')
}

function accountIn(topic: string): Address {
  return address(`0x${topic.slice(26)}`)
}

import { expect, test } from 'vitest'
import type { PatientState } from '../../../consent/browser.door.ts'
import { isIsletError } from '../../../vocabulary/index.ts'
import { checkMayGo } from './forget-here.ts'

type Left = Pick<PatientState, 'grants' | 'outbox'>
const NOTHING: Left = { grants: [], outbox: [] }
/** A stop that one institution has not heard of. */
const STOP: Left = {
  grants: [],
  outbox: [
    {
      urgency: 'revoke',
      to: 'inst-2',
      type: 'revoke',
      body: { revoke: { consentId: '0x7' } },
      generations: null,
    },
  ] as unknown as Left['outbox'],
}

function said(...asked: Parameters<typeof checkMayGo>): string {
  try {
    checkMayGo(...asked)
    return 'may go'
  } catch (error) {
    return isIsletError(error) ? error.code : String(error)
  }
}

test('nobody is taken off a browser to whom no way back was tried there', () => {
  expect(said([], NOTHING)).toBe('NO_WAY_BACK')
  expect(said(['passkey'], NOTHING)).toBe('may go')
  expect(said(['recovery-code'], NOTHING)).toBe('may go')
})

test('nobody is taken off a browser while a stop of theirs waits to be sent', () => {
  expect(said(['recovery-code'], STOP)).toBe('STILL_TO_SEND')
})

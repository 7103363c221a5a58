/** The translation of a grant's sentence says what the signed one says, and stands beside no sentence in its own language. */
import { describe, expect, test } from 'vitest'
import { grantSentence } from '../../consent/browser.door.ts'
import { institutionId, quantity, type UnixSeconds, type UtcHour } from '../../vocabulary/index.ts'
import { de } from '../shared/words/de.ts'
import { en } from '../shared/words/en.ts'
import { translatedSentence } from './translated-sentence.ts'

const asked = {
  readerName: 'North Clinic',
  subject: { type: 'person', handle: 'lee', name: 'Dr Lee' },
} as const
const agreement = {
  kinds: ['glucose', 'insulin'],
  actions: ['read'],
  purposes: ['TREAT'],
  window: { first: quantity<UtcHour>(1_112_100), end: quantity<UtcHour>(1_112_124) },
  notBefore: quantity<UnixSeconds>(1_790_000_000),
  expiresAt: quantity<UnixSeconds>(1_790_600_061),
} as const

describe('a sentence in a language in which it is not signed', () => {
  const said = translatedSentence('de', asked, agreement, de) ?? ''
  const signed = grantSentence(asked.readerName, asked.subject, agreement)

  test('names reader, kinds, purpose and what cannot be undone', () => {
    for (const part of [
      'North Clinic – Dr Lee',
      'Glukose und Insulin',
      'Ihre Behandlung',
      'UTC',
      'jederzeit beenden',
    ])
      expect(said).toContain(part)
  })

  test('names every instant of the signed one, to the second', () => {
    const clock = /\d\d:\d\d(?::\d\d)?/g
    expect(said.match(clock)).toEqual(signed.match(clock))
    expect(said.match(clock)).toHaveLength(4)
    expect(said.match(/\d{4}/g)).toEqual(signed.match(/\d{4}/g))
  })

  test('an emergency envelope says who must agree too', () => {
    const second = { institution: institutionId(`0x${'ab'.repeat(32)}`), name: 'Harbour Clinic', hpkeKey: '' }
    expect(translatedSentence('de', { ...asked, second }, agreement, de)).toContain(
      'nur, wenn auch Harbour Clinic zustimmt',
    )
  })

  test('where it is signed in the person’s language there is none', () => {
    expect(translatedSentence('en', asked, agreement, en)).toBeUndefined()
  })
})

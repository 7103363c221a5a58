/**
 * The sentence of a grant in the languages in which it is not signed.
 *
 * Law: it says what the signed sentence says, in the same order and of the same agreement; the signed one binds and is
 * always shown beside it. The choice of the language of signing stands in `consent/sentence.ts`.
 */
import type { AccessRequest, Agreement } from '../../consent/browser.door.ts'
import { startOfHour, type UnixSeconds } from '../../vocabulary/index.ts'
import { listed } from '../shared/format.ts'
import type { Language } from '../shared/settings.tsx'
import type { Words } from '../shared/words/en.ts'

type Asked = Pick<AccessRequest, 'readerName' | 'subject' | 'second'>
type Named = Pick<Words, 'kinds' | 'purposes' | 'and'>

const TRANSLATIONS: Readonly<
  Partial<Record<Language, (asked: Asked, agreement: Agreement, words: Named) => string>>
> = { de: german }

/** Undefined in the language that is signed. */
export function translatedSentence(
  language: Language,
  ...of: readonly [Asked, Agreement, Named]
): string | undefined {
  return TRANSLATIONS[language]?.(...of)
}

function german({ readerName, subject, second }: Asked, agreement: Agreement, words: Named): string {
  const { actions, kinds, purposes, window, notBefore, expiresAt } = agreement
  const who = subject.type === 'institution' ? readerName : `${readerName} – ${subject.name}`
  const verbs = actions.map((action) => (action === 'read' ? 'lesen' : 'ergänzen'))
  const all = (names: readonly string[]): string => listed(names, words.and)
  const time = (at: UnixSeconds): string => germanTime(at)
  return [
    `${who} darf von Ihnen ${all(kinds.map((kind) => words.kinds[kind]))}`,
    ` von ${time(startOfHour(window.first))} bis ${time(startOfHour(window.end))} ${all(verbs)},`,
    ` für ${all(purposes.map((purpose) => words.purposes[purpose]))},`,
    ` ab ${time(notBefore)} und bis ${time(expiresAt)}.`,
    second == null
      ? ''
      : ` Das ist ein Notfallumschlag: Er öffnet sich nur, wenn auch ${second.name} zustimmt, jedes Mal mit einem Grund, den Sie danach lesen können.`,
    ' Die Zeiten sind in UTC; das Zeitfenster der Daten ist nach innen auf volle Stunden gerundet.',
    ' Sie können das jederzeit beenden. Was vorher abgerufen wurde, bleibt dort lesbar.',
  ].join('')
}

/** `1. Sept. 2026, 14:00`, UTC; seconds where there are any. */
function germanTime(at: UnixSeconds): string {
  const seconds = at % 60 === 0 ? {} : ({ second: '2-digit' } as const)
  return new Date(at * 1_000).toLocaleString('de', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...seconds,
    timeZone: 'UTC',
  })
}

/**
 * The sentence a person reads before they grant, and the one they read before they stop.
 *
 * Law: what you see is what you sign: the sentence is made from the agreement itself and its hash stands in the
 * commitment. It states the rounding to whole UTC hours (PROTOCOL 12) and that what was fetched stays readable
 * (PROTOCOL 2). Source of the form: "sentence first, controls second", plain words.
 */
import { formatInstant, type Kind, type Purpose, startOfHour, type UnixSeconds } from '../vocabulary/index.ts'
import type { Subject } from './access-request.ts'
import type { Agreement } from './narrow.ts'

export const LANGUAGE = 'en'

const KIND_WORDS: Readonly<Record<Kind, string>> = {
  glucose: 'glucose',
  insulin: 'insulin',
  meals: 'meals and activity',
  laboratory: 'laboratory results',
  conditions: 'conditions and medication',
  notes: 'notes',
  device: 'device status',
}

const PURPOSE_WORDS: Readonly<Record<Purpose, string>> = {
  TREAT: 'your care',
  HRESCH: 'health research',
  ETREAT: 'emergency care',
  HPAYMT: 'paying for your care',
  HOPERAT: 'running the clinic',
  PATRQT: 'a purpose you asked for',
  FAMRQT: 'a purpose your family asked for',
  PUBHLTH: 'public health',
}

/**
 * "North Clinic – Dr Lee can read your glucose … until …", in plain words; times in UTC. With a second party it says what
 * an emergency needs.
 */
export function grantSentence(
  readerName: string,
  subject: Subject,
  agreement: Agreement,
  secondName?: string,
): string {
  const who = subject.type === 'institution' ? readerName : `${readerName} – ${subject.name}`
  const verbs = agreement.actions.map((action) => (action === 'read' ? 'read' : 'add to'))
  const from = utcText(startOfHour(agreement.window.first))
  const until = utcText(startOfHour(agreement.window.end))
  return [
    `${who} can ${list(verbs)} your ${list(agreement.kinds.map((kind) => KIND_WORDS[kind]))}`,
    ` from ${from} to ${until}`,
    ` for ${list(agreement.purposes.map((purpose) => PURPOSE_WORDS[purpose]))}`,
    `, starting ${utcText(agreement.notBefore)} and until ${utcText(agreement.expiresAt)}.`,
    secondName === undefined
      ? ''
      : ` This is an emergency envelope: it opens only when ${secondName} agrees too, each time with a reason that you can read afterwards.`,
    ' Times are in UTC; the data window is rounded inwards to whole hours.',
    ' You can stop this at any time. What was fetched before you stop stays readable to them.',
  ].join('')
}

/** What stopping does and what it cannot undo. */
export function revokeSentence(readerName: string): string {
  return [
    `${readerName} is refused from now on, and nothing recorded after this can be opened with the keys they hold.`,
    ' What they fetched before stays readable to them.',
  ].join('')
}

/** `1 Sep 2026, 14:00`; seconds shown when there are any. */
function utcText(at: UnixSeconds): string {
  const text = formatInstant(at)
  const month = MONTHS[Number(text.slice(5, 7)) - 1]
  const seconds = text.slice(17, 19) === '00' ? '' : text.slice(16, 19)
  return `${Number(text.slice(8, 10))} ${month} ${text.slice(0, 4)}, ${text.slice(11, 16)}${seconds}`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function list(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}

/**
 * The sentence that will be signed, and what it says in the person's language where that is another.
 *
 * Law: what you see is what you sign: the signed words are always there, marked with their own language.
 */
import { type AccessRequest, type Agreement, grantSentence } from '../../consent/browser.door.ts'
import { useSettings } from '../shared/settings.tsx'
import { translatedSentence } from './translated-sentence.ts'
import { usePatientWords } from './words.ts'

export function SignedSentence({
  request,
  agreement,
}: {
  readonly request: AccessRequest
  readonly agreement: Agreement
}) {
  const { words, language } = useSettings()
  const text = usePatientWords().grant
  const translated = translatedSentence(language, request, agreement, words)
  return (
    <>
      {translated === undefined ? null : (
        <>
          <p className="quiet">{text.translated}</p>
          <blockquote aria-live="polite" data-testid="translation">
            {translated}
          </blockquote>
        </>
      )}
      <p className="quiet">{text.sentence}</p>
      <blockquote lang="en" aria-live={translated === undefined ? 'polite' : 'off'} data-testid="sentence">
        {grantSentence(request.readerName, request.subject, agreement, request.second?.name)}
      </blockquote>
    </>
  )
}

/**
 * The information sheet, what changed in it since the person agreed, and the consent: read, chosen, signed.
 *
 * Laws: the sheet shown is the one that the consent will name, held against its fingerprint here; the sentence is made of
 * the very request that is granted; nothing is ticked beforehand.
 */
import { useCallback, useState } from 'react'
import type { OpenStudy } from '../../../api/index.ts'
import { narrow, parseRequest, type SignedRequest } from '../../../consent/browser.door.ts'
import { sheetHash, studySubject } from '../../../study/browser.door.ts'
import { type Hash32, IsletError, quantity, type UnixSeconds } from '../../../vocabulary/index.ts'
import { askNode } from '../../shared/node-fetch.ts'
import { Picker } from '../../shared/picker.tsx'
import { Trouble } from '../../shared/trouble.tsx'
import { useAct } from '../../shared/use-act.ts'
import { useAsked } from '../../shared/use-asked.ts'
import type { Person } from '../sign-in.ts'
import { SignedSentence } from '../signed-sentence.tsx'
import { useStudiesWords } from './words.ts'

type Sheet = Awaited<ReturnType<ReturnType<typeof askNode>['studySheet']>>

export function StudySheet({
  person,
  study: { study, title },
  before,
  done,
}: {
  readonly person: Person
  readonly study: OpenStudy
  /** The sheet that the person agreed to last. */
  readonly before: Hash32 | undefined
  readonly done: (words: string) => void
}) {
  const text = useStudiesWords()
  const asked = useAsked(useCallback(() => papersOf(study, title, before), [study, title, before]))
  const [opened] = useState(() => quantity<UnixSeconds>(Math.floor(Date.now() / 1_000)))
  const [picked, pick] = useState<string>()
  const { busy, error, run } = useAct()
  if (asked.error !== undefined) return <Trouble error={asked.error} again={asked.again} />
  if (asked.value === undefined) return null
  const { sheet, requests } = asked.value
  const readers = requests.map(({ body }) => body.reader)
  const reader = picked ?? (readers.includes(person.custodian) ? person.custodian : readers[0])
  const request = requests.find(({ body }) => body.reader === reader)
  const join = (given: SignedRequest): void =>
    run(async () => {
      await person.agent.grant(given)
      done(text.joined(title))
    })
  return (
    <>
      <Changes sheet={sheet} />
      <section aria-label={text.sheet} lang={sheet.sheet.language} data-testid="sheet">
        {sheet.sheet.sections.map((section) => (
          <div key={section.id}>
            <h4>{section.title}</h4>
            {section.text.map((line) => (
              <p key={line}>{line}</p>
            ))}
          </div>
        ))}
      </section>
      <p className="quiet">{text.same}</p>
      {request === undefined ? (
        <p className="notice">{text.noSites}</p>
      ) : (
        <>
          {requests.length < 2 ? null : (
            <Picker
              label={text.where}
              options={requests.map(({ body }) => body.reader)}
              name={(id) => requests.find(({ body }) => body.reader === id)?.body.readerName ?? id}
              picked={request.body.reader}
              pick={pick}
            />
          )}
          <SignedSentence request={request.body} agreement={narrow(request.body, {}, opened)} />
          {error === undefined ? null : <Trouble error={error} />}
          <p role="status" className="quiet">
            {busy ? text.joining : ''}
          </p>
          <button type="button" className="button main" disabled={busy} onClick={() => join(request)}>
            {text.join}
          </button>
        </>
      )}
    </>
  )
}

function Changes({ sheet: { changes } }: { readonly sheet: Sheet }) {
  const text = useStudiesWords()
  if (changes === null || changes.length === 0) return null
  return (
    <section className="notice" aria-label={text.changed} data-testid="changes">
      <h4>{text.changed}</h4>
      {changes.map(({ kind, id, title, added, removed }) => (
        <div key={id}>
          <p>
            <strong>{text.change[kind]}:</strong> {title}
          </p>
          {added.map((line) => (
            <p key={line}>
              <ins>
                {text.now}: {line}
              </ins>
            </p>
          ))}
          {removed.map((line) => (
            <p key={line}>
              <del>
                {text.before}: {line}
              </del>
            </p>
          ))}
          {added.length + removed.length === 0 ? <p>{text.noChange}</p> : null}
        </div>
      ))}
    </section>
  )
}

/** Sheet and invitations that name it. Throws `SHEET_OUTDATED` where the node shows another one than it names. */
async function papersOf(study: Hash32, title: string, before: Hash32 | undefined) {
  const [sheet, { invitations }] = await Promise.all([
    askNode().studySheet({ params: { study }, query: before === undefined ? {} : { before } }),
    askNode().studyInvitations({ params: { study } }),
  ])
  if (sheetHash(sheet.sheet) !== sheet.information_sheet) throw outdated()
  const subject = studySubject(study, sheet.information_sheet, title)
  const requests = invitations.map(parseRequest)
  for (const { body } of requests) {
    if (body.subject.type !== 'study' || subject.type !== 'study' || body.subject.handle !== subject.handle)
      throw outdated()
  }
  return { sheet, requests }
}

function outdated(): IsletError {
  return new IsletError('SHEET_OUTDATED', 'the sheet is not the one that the consent would name', {})
}

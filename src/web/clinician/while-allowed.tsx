/**
 * A record on the screen for as long as it may be read: the ledger is asked again every two seconds.
 *
 * Laws: once the consent was stopped or has ended, what was opened is taken off the screen and let go; a node that does not
 * answer says so beside the record, which is then as old as its last answer.
 */
import { type ReactNode, useEffect, useState } from 'react'
import type { PatientAnswer } from '../../api/index.ts'
import { IsletError } from '../../vocabulary/index.ts'
import { shownTime } from '../shared/format.ts'
import { askNode } from '../shared/node-fetch.ts'
import { useSettings } from '../shared/settings.tsx'
import { Trouble } from '../shared/trouble.tsx'
import { useClinicianWords } from './words.ts'

const ASK_MILLISECONDS = 2_000

type Standing = { readonly code?: string; readonly away?: number }

export function WhileAllowed({
  answer: { consent, signer, expires },
  children,
}: {
  readonly answer: Pick<PatientAnswer, 'consent' | 'signer' | 'expires'>
  readonly children: ReactNode
}) {
  const { language } = useSettings()
  const text = useClinicianWords()
  const [{ code, away }, setStanding] = useState<Standing>({})
  useEffect(() => {
    let heard = Date.now() / 1_000
    const ask = async (): Promise<void> => {
      try {
        const { state } = await askNode().ledgerConsent({ params: { consent, signer } })
        heard = Date.now() / 1_000
        if (state !== 'ACTIVE') setStanding({ code: 'CONSENT_REVOKED' })
        else setStanding(heard < expires ? {} : { code: 'CONSENT_EXPIRED' })
      } catch {
        setStanding((before) => (before.code === undefined ? { away: heard } : before))
      }
    }
    const turn = setInterval(() => void ask(), ASK_MILLISECONDS)
    return () => clearInterval(turn)
  }, [consent, signer, expires])
  if (code !== undefined)
    return <Trouble error={new IsletError(code, 'this may be read no more')} codes={text.codes} />
  return (
    <>
      {away === undefined ? null : (
        <p className="notice" role="status">
          {text.away(shownTime(away, language))}
        </p>
      )}
      {children}
    </>
  )
}

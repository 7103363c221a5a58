/** What is to know while the node is away: that the copy of this device is shown, and what waits to be sent. */
import { shownInstant } from '../../shared/format.ts'
import { useSettings } from '../../shared/settings.tsx'
import type { OwnHealth } from '../use-health.ts'
import { usePatientWords } from '../words.ts'

export function AwayNotice({ health, waiting }: Pick<OwnHealth, 'health' | 'waiting'>) {
  const { language } = useSettings()
  const text = usePatientWords().away
  return (
    <div role="status" data-testid="away">
      {health?.isCopy === true ? (
        <p className="notice">{text.copy(shownInstant(health.at, language))}</p>
      ) : null}
      {waiting === 0 ? null : <p className="notice">{text.waiting(waiting)}</p>}
    </div>
  )
}

/**
 * The regular work of a running node for studies that want daily data.
 *
 * Law: a node without such studies does nothing here, not even deploy contracts; one study's trouble is reported and
 * holds up no other.
 */
import type { UnixSeconds } from '../../vocabulary/index.ts'
import type { Consortium } from '../world/consortium.ts'
import { runExchange } from './exchange-desk.ts'
import { openStudyDesk } from './study-desk.ts'
import { studyShelf } from './study-shelf.ts'

/** Fetches what is due of every study here; call it as often as you like. */
export function dailyRounds(
  consortium: Consortium,
  clock: () => UnixSeconds,
  report: (error: unknown) => void,
): () => Promise<void> {
  const shelf = studyShelf(consortium.directory)
  return async () => {
    const wanting = []
    for (const file of await shelf.studies()) {
      const plans = await Promise.all(file.plans.map((document) => shelf.plan(document)))
      if (plans.some((plan) => plan?.exchange !== undefined)) wanting.push(file)
    }
    if (wanting.length === 0) return
    // Learning is loaded where it is used.
    const { openStudySites } = await import('./study-sites.ts')
    const desk = await openStudyDesk(consortium)
    for (const file of wanting) {
      try {
        const running = await openStudySites(consortium, desk, file)
        await runExchange(consortium, file, running, clock())
      } catch (error) {
        report(error)
      }
    }
  }
}

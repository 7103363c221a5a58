/**
 * What the sites of one process do in one turn goes to the ledger together, so that it shares a block.
 *
 * Laws: every act is sent under its site's own key, as it would be alone, and only after the site had kept what it needs
 * to go on; an act waits for sites that still prepare theirs, never for one that is done, and never for long; outside a
 * turn nothing waits.
 */
import {
  type PersonData,
  type SitePorts,
  type SiteStep,
  type SiteStudy,
  StudySite,
} from '../../study/index.ts'

/** A site among those that act together. */
interface Seat {
  /** Counts the site among those that others wait for, until its work ends. */
  step<T>(work: () => Promise<T>): Promise<T>
  /** The same acts; those of rounds wait for the others of the turn. */
  acts(alone: SitePorts['acts']): SitePorts['acts']
}

/** Longest wait of an act for others, milliseconds: some block periods. */
const LONGEST = 25

/** A site that takes its steps from its seat. */
export class SeatedSite<Data extends PersonData> extends StudySite<Data> {
  readonly #seat: Seat

  constructor(seat: Seat, ports: SitePorts<Data>, study: SiteStudy) {
    super(ports, study)
    this.#seat = seat
  }

  override step(): Promise<SiteStep> {
    return this.#seat.step(() => super.step())
  }
}

/** Gives each site of a process its seat. */
export function actTogether(longest = LONGEST): () => Seat {
  let preparing = 0
  let waiting: (() => void)[] = []
  let timer: NodeJS.Timeout | undefined
  const send = (): void => {
    clearTimeout(timer)
    timer = undefined
    const all = waiting
    waiting = []
    for (const go of all) go()
  }
  const prepared = (): void => {
    preparing -= 1
    if (preparing === 0) send()
  }
  return () => {
    let isPreparing = false
    const together = async <T>(act: () => Promise<T>): Promise<T> => {
      if (!isPreparing) return act()
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
        timer ??= setTimeout(send, longest)
        isPreparing = false
        prepared()
      })
      return act()
    }
    return {
      step: async (work) => {
        preparing += 1
        isPreparing = true
        // Whoever takes part in the turn has its seat before the first of them acts.
        await Promise.resolve()
        try {
          return await work()
        } finally {
          if (isPreparing) prepared()
          isPreparing = false
        }
      },
      acts: (alone) => ({
        ...alone,
        commitCohort: (...given) => together(() => alone.commitCohort(...given)),
        commitUpdate: (...given) => together(() => alone.commitUpdate(...given)),
        reveal: (...given) => together(() => alone.reveal(...given)),
        voidContribution: (...given) => together(() => alone.voidContribution(...given)),
        attest: (...given) => together(() => alone.attest(...given)),
      }),
    }
  }
}

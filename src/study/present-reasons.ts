/**
 * Why people who consented would not be in a round now: for who runs a study and finds its rounds fail.
 *
 * Law: codes and counts only; each person is opened through the gate, as for a round.
 */
import type { UnixSeconds } from '../vocabulary/index.ts'
import { type CountedCode, countedCodes } from './counted-codes.ts'
import { openPerson } from './freeze-cohort.ts'
import type { PersonData } from './learner.ts'
import { presentCohort } from './present-cohort.ts'
import type { SitePorts, SiteStudy } from './site-ports.ts'

/** Consents that a round could use now, and why the others could not be, by code. Throws the codes of the ports. */
export async function presentReasons<Data extends PersonData>(
  ports: Pick<SitePorts<Data>, 'chain' | 'history' | 'learner' | 'own' | 'people'>,
  study: SiteStudy,
  now: UnixSeconds,
): Promise<{ readonly usable: number; readonly reasons: readonly CountedCode[] }> {
  const { included, leftOut } = await presentCohort(ports, study, now)
  const codes: string[] = leftOut.map(({ code }) => code)
  for (const claim of included) {
    const { code, data } = await openPerson(ports, study.plan, claim)
    if (data === undefined) codes.push(code)
  }
  return { usable: included.length + leftOut.length - codes.length, reasons: countedCodes(codes) }
}

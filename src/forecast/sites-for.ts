/** How many sites people are divided into: as asked, else ten, else as many as the people allow, said aloud. */
import { type PersonTrace, type ProtocolName, usablePeople } from '../learning/index.ts'

/** Sites where nothing else is asked for. */
const USUAL_SITES = 10
/** People a site under protocol F. */
const COLD_PEOPLE = 3

export function sitesFor(
  traces: readonly PersonTrace[],
  protocol: ProtocolName,
  asked: number | undefined,
  say: (line: string) => void,
): number {
  if (asked !== undefined) return asked
  const people = usablePeople(traces, protocol)
  const held = protocol === 'subject' ? Math.max(1, people - 1) : people
  const most = protocol === 'F' ? Math.floor(people / COLD_PEOPLE) : held
  const sites = Math.max(1, Math.min(USUAL_SITES, most))
  if (sites < USUAL_SITES) {
    const counted = `${people} usable ${people === 1 ? 'person' : 'people'}`
    say(`${counted}: ${sites} ${sites === 1 ? 'site' : 'sites'} instead of ${USUAL_SITES}`)
  }
  return sites
}

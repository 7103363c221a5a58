/**
 * `islet study suspend MEMBER --as INSTITUTION`: a member's vote that another be suspended, or with `--reinstate` taken back.
 *
 * Law: one vote of one institution of this data directory; enough members decide, and nobody else can.
 */
import type { StudySuspendDocument } from '../../api/documents.door.ts'
import { formatInstant, IsletError, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { wallClock } from '../institution/wire.ts'
import { judgeMember } from '../study/judge-member.ts'
import { EXIT, printDocument } from './outcome.ts'
import { withStudyDesk } from './study-world.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

export async function studySuspend(
  { data, json, terminal, ...context }: VerbContext,
  [member = '']: readonly string[],
  { as, reinstate }: Readonly<Record<string, unknown>>,
): VerbOutcome {
  return withStudyDesk({ data, json, terminal, ...context }, async (desk, consortium) => {
    const found = desk.institutions.find(({ key, id }) => key === member || id === member)
    if (found === undefined) {
      const remedy = `one of: ${desk.institutions.map(({ key }) => key).join(', ')}`
      throw new IsletError(
        'INSTITUTION_UNKNOWN',
        'there is no such institution here',
        { key: member },
        { remedy },
      )
    }
    const change = reinstate === true ? 'REINSTATE' : 'SUSPEND'
    const now = quantity<UnixSeconds>(Math.floor(wallClock()))
    const wanted = { kind: change, institution: found.id } as const
    const stands = await judgeMember(consortium, desk.signerOf(String(as)), wanted, now)
    const document: StudySuspendDocument = {
      schema: 'islet.study.suspend/1',
      member: found.key,
      institution: found.id,
      change,
      votes: stands.votes,
      needed: stands.needed,
      decided: stands.isDecided,
      until: formatInstant(stands.until),
    }
    if (json) printDocument(document, terminal)
    else for (const line of wordsOf(document)) terminal.out(`${line}\n`)
    return EXIT.done
  })
}

function wordsOf({ member, change, votes, needed, decided, until }: StudySuspendDocument): readonly string[] {
  const what = change === 'SUSPEND' ? 'suspended' : 'taken back'
  if (decided) return [`${member} is ${what}: the members decided, ${votes} of ${needed} votes.`]
  return [`${votes} of ${needed} votes that ${member} be ${what}. Votes count until ${until}.`]
}

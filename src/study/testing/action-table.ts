/** The tables of docs/studies.md, made from the room's own data; a test holds the page to them. */
import { ROUND_PHASES, STUDY_STATES } from '../../ledger/index.ts'
import { ROUND_ACTIONS, STUDY_ACTIONS, STUDY_ROLES } from '../actions.ts'

interface Rule {
  readonly by: readonly string[]
  readonly in: readonly string[]
}

/** Action × state, each cell the roles that may. */
function table(actions: Readonly<Record<string, Rule>>, states: readonly string[]): string {
  const rows = Object.entries(actions).map(([name, rule]) => {
    const cells = states.map((state) =>
      rule.in.includes(state) ? STUDY_ROLES.filter((role) => rule.by.includes(role)).join(', ') : '·',
    )
    return `| ${name} | ${cells.join(' | ')} |`
  })
  return [`| | ${states.join(' | ')} |`, `|${'---|'.repeat(states.length + 1)}`, ...rows].join('\n')
}

export function studyTable(): string {
  return table(STUDY_ACTIONS, STUDY_STATES)
}

export function roundTable(): string {
  return table(ROUND_ACTIONS, ROUND_PHASES)
}

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ROUND_PHASES, STUDY_STATES } from '../ledger/index.ts'
import { mayAct, mayActInRound, ROUND_ACTIONS, STUDY_ACTIONS, STUDY_ROLES } from './actions.ts'
import { FINDING_CODES } from './passport-findings.ts'
import { roundTable, studyTable } from './testing/action-table.ts'

interface Table {
  readonly states: readonly string[]
  readonly actions: readonly {
    readonly action: string
    readonly by: readonly string[]
    readonly in: readonly string[]
  }[]
}
const law: { readonly roles: object; readonly study: Table; readonly round: Table } = JSON.parse(
  readFileSync('test-vectors/study-actions.json', 'utf8'),
)

/** What the vectors say of every action, role and state. */
function allowedBy(table: Table): ReadonlyMap<string, boolean> {
  const all = new Map<string, boolean>()
  for (const { action, by, in: states } of table.actions)
    for (const role of Object.keys(law.roles))
      for (const state of table.states)
        all.set(`${action} ${role} ${state}`, by.includes(role) && states.includes(state))
  return all
}

it('who may do what with a study in which state is what forge holds the contracts to', () => {
  const ours = new Map<string, boolean>()
  for (const action of Object.keys(STUDY_ACTIONS) as (keyof typeof STUDY_ACTIONS)[])
    for (const role of STUDY_ROLES)
      for (const state of STUDY_STATES) ours.set(`${action} ${role} ${state}`, mayAct(action, role, state))
  expect(ours.size).toBe(12 * 8 * 9)
  expect(ours).toEqual(allowedBy(law.study))
})

it('who may do what in a round in which phase is what forge holds the contracts to', () => {
  const ours = new Map<string, boolean>()
  for (const action of Object.keys(ROUND_ACTIONS) as (keyof typeof ROUND_ACTIONS)[])
    for (const role of STUDY_ROLES)
      for (const phase of ROUND_PHASES)
        ours.set(`${action} ${role} ${phase}`, mayActInRound(action, role, phase))
  expect(ours.size).toBe(9 * 8 * 7)
  expect(ours).toEqual(allowedBy(law.round))
})

it('neither a hub nor a stranger nor a suspended member may do anything', () => {
  for (const [name, { by }] of Object.entries({ ...STUDY_ACTIONS, ...ROUND_ACTIONS })) {
    const roles: readonly string[] = by
    expect({ name, by: roles.filter((role) => ['stranger', 'suspended', 'member'].includes(role)) }).toEqual({
      name,
      by: [],
    })
  }
})

it('the published page has these very tables, and names every way in which a passport can fail', () => {
  const page = readFileSync('docs/studies.md', 'utf8')
  expect(page).toContain(studyTable())
  expect(page).toContain(roundTable())
  expect(FINDING_CODES.filter((code) => !page.includes(`\`${code}\``))).toEqual([])
})

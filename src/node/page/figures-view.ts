/**
 * Counts, the ledger's head and the members.
 */
import type { Story, StoryCounts, StoryInstitution, StoryLedger } from '../../api/index.ts'
import { element, part } from './element.ts'
import { duration, instant, shortHash, whole } from './words.ts'

const COUNTS: readonly (readonly [keyof StoryCounts, string])[] = [
  ['patients', 'patients'],
  ['readings', 'readings sealed'],
  ['grants', 'grants'],
  ['revokes', 'revokes'],
  ['accesses', 'accesses logged'],
  ['refusals', 'requests refused'],
  ['anchors', 'anchors'],
]

export function showCounts(counts: StoryCounts): void {
  part('figures').replaceChildren(
    ...COUNTS.map(([name, words]) =>
      element('div', {}, element('dt', {}, words), element('dd', {}, counted(counts[name]))),
    ),
  )
}

/** A count, or that it is not known yet. */
function counted(count: number | null): string {
  return count === null ? 'counting …' : whole(count)
}

export function showLedger(ledger: StoryLedger | null): void {
  if (ledger === null) return
  const rows: readonly (readonly [string, Node])[] = [
    ['Block', element('strong', {}, whole(ledger.height))],
    ['Hash', element('code', { title: ledger.hash }, shortHash(ledger.hash))],
    ['Sealed', element('time', { datetime: ledger.time }, instant(ledger.time))],
    ['Chain', element('span', {}, String(ledger.chain_id))],
  ]
  part('ledger').replaceChildren(
    element(
      'dl',
      { class: 'rows' },
      ...rows.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
    ),
    element(
      'p',
      { class: 'note' },
      ledger.single_operator
        ? 'Single-operator ledger: one operator orders the blocks and could rewrite them. Members keep signed heads, so that rewriting would show.'
        : 'Consortium ledger: blocks are final once two thirds of the voting power have signed them.',
    ),
  )
}

export function showMembers(institutions: readonly StoryInstitution[]): void {
  part('members-count').textContent = institutions.length === 0 ? '' : `(${institutions.length})`
  if (institutions.length === 0) return
  part('members').replaceChildren(
    ...institutions.map((one) =>
      element(
        'li',
        { 'data-state': one.state },
        element('span', { class: 'member' }, one.name),
        element('span', { class: 'quiet' }, one.roles.join(', ')),
        one.state === 'suspended' ? element('span', { class: 'tag' }, 'suspended') : undefined,
      ),
    ),
  )
}

/** The line under the claim: how far the story is, and whether all of it held. */
export function showState(story: Story): string {
  const done = story.steps.filter((step) => step.state === 'passed' || step.state === 'failed').length
  const failed = story.steps.filter((step) => step.state === 'failed').length
  const took = story.seconds === null ? '' : ` in ${duration(story.seconds)}`
  const checks = story.steps.flatMap((step) => step.checks).length
  const words = {
    waiting: 'Waiting for the story to begin',
    running: `Step ${Math.min(done + 1, story.steps.length)} of ${story.steps.length}`,
    passed: `All ${story.steps.length} steps and ${checks} checks passed${took}`,
    failed: `${failed} of ${story.steps.length} steps failed${took}`,
  }[story.state]
  const state = part('state')
  state.textContent = words
  state.dataset['state'] = story.state
  const progress = part('progress')
  progress.setAttribute('max', String(Math.max(1, story.steps.length)))
  progress.setAttribute('value', String(done))
  part('simulated').hidden = !story.simulated
  part('own-data').hidden = story.simulated || story.opened === null
  return words
}

/**
 * The steps as a list: what each is, how it stands, how long it took, and every check with what it saw.
 *
 * State is told by shape and word, never by colour alone. A step that was opened by hand stays open while it changes.
 */
import type { StoryStep } from '../../api/index.ts'
import { drawn, element, part } from './element.ts'
import { duration, stepName } from './words.ts'

const STATES: Readonly<Record<StoryStep['state'], string>> = {
  waiting: 'waiting',
  running: 'running',
  passed: 'passed',
  failed: 'failed',
}
const MARKS: Readonly<Record<StoryStep['state'], string>> = {
  waiting: 'M8 8m-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0',
  running: 'M8 2a6 6 0 1 1 -6 6',
  passed: 'M3 8.500l3.500 3.500l6.500 -7.500',
  failed: 'M4 4l8 8M12 4l-8 8',
}

const shown = new Map<string, string>()

/** Draws the steps; those that did not change are left as they are. */
export function showSteps(steps: readonly StoryStep[]): void {
  const list = part('steps')
  part('no-steps').hidden = steps.length > 0
  for (const name of shown.keys()) {
    if (!steps.some((step) => step.name === name)) {
      shown.delete(name)
      document.getElementById(`step-${name}`)?.remove()
    }
  }
  steps.forEach((step, index) => {
    const face = JSON.stringify(step)
    if (shown.get(step.name) === face) return
    shown.set(step.name, face)
    const before = document.getElementById(`step-${step.name}`)
    const open = before?.querySelector('details')?.open ?? false
    const focused = before?.contains(document.activeElement) === true
    const item = stepItem(step, open || step.state === 'failed')
    if (before === null) list.insertBefore(item, list.children[index] ?? null)
    else before.replaceWith(item)
    if (focused) item.querySelector('summary')?.focus()
  })
}

function stepItem(step: StoryStep, open: boolean): HTMLElement {
  const passed = step.checks.filter((check) => check.ok).length
  const count = step.checks.length
  const aside = [
    step.seconds === null ? (step.state === 'running' ? 'running' : '') : duration(step.seconds),
    count === 0 ? '' : `${passed} of ${count} checks`,
  ].filter((text) => text !== '')
  const head = [
    mark(step.state),
    element('span', { class: 'away' }, `${STATES[step.state]}: `),
    element('span', { class: 'step-name' }, stepName(step.name)),
    element('span', { class: 'step-aside' }, aside.join(' · ')),
    element('span', { class: 'step-title' }, step.title),
    ...(step.underway === undefined ? [] : [element('span', { class: 'step-title' }, step.underway)]),
  ]
  const body =
    count === 0
      ? element('div', { class: 'step-head' }, ...head)
      : element(
          'details',
          { open },
          element('summary', { class: 'step-head' }, ...head),
          element(
            'ul',
            { class: 'checks' },
            ...step.checks.map((check) =>
              element(
                'li',
                { 'data-ok': String(check.ok) },
                mark(check.ok ? 'passed' : 'failed'),
                element('span', { class: 'away' }, check.ok ? 'holds: ' : 'does not hold: '),
                element('span', { class: 'what' }, check.what),
                element('span', { class: 'saw' }, check.saw),
              ),
            ),
          ),
        )
  return element('li', { id: `step-${step.name}`, 'data-state': step.state, class: 'step' }, body)
}

function mark(state: StoryStep['state']): SVGElement {
  return drawn(
    'svg',
    { viewBox: '0 0 16 16', class: `mark mark-${state}`, 'aria-hidden': 'true', focusable: 'false' },
    drawn('path', { d: MARKS[state] }),
  )
}

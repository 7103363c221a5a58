/**
 * The opened glucose as a table, by hour of the day: the twin of the chart for who does not see or want a picture.
 */
import type { StoryOpened } from '../../api/index.ts'
import { element } from './element.ts'
import { clock, whole } from './words.ts'

type Point = StoryOpened['trace'][number]

/** The same data as a table, by hour. */
export function glucoseTable(opened: StoryOpened, days: readonly (readonly Point[])[]): HTMLElement {
  const hours = Array.from({ length: 24 }, (_, hour) => hour)
  const cell = (points: readonly Point[], hour: number): string => {
    const values = points
      .filter((point) => Math.floor(point.minute / 60) === hour)
      .map((point) => point.glucose_mgdl)
    if (values.length === 0) return '–'
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    return `${whole(mean)} (${whole(Math.min(...values))}–${whole(Math.max(...values))})`
  }
  return element(
    'details',
    { class: 'twin' },
    element('summary', {}, 'The same as a table'),
    element(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Glucose by hour' },
      element(
        'table',
        {},
        element(
          'caption',
          {},
          `Glucose in mg/dL by hour of the day: mean (lowest–highest), opened by ${opened.reader}`,
        ),
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            element('th', { scope: 'col' }, 'Hour'),
            ...days.map((_, day) => element('th', { scope: 'col' }, `Day ${day + 1}`)),
          ),
        ),
        element(
          'tbody',
          {},
          ...hours.map((hour) =>
            element(
              'tr',
              {},
              element('th', { scope: 'row' }, clock(hour * 60)),
              ...days.map((points) => element('td', {}, cell(points, hour))),
            ),
          ),
        ),
      ),
    ),
  )
}

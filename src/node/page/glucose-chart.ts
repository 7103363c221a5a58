/**
 * The opened glucose, day over day on one clock: lines, the target band, a cursor for keys and pointer, and its table twin.
 *
 * WCAG 2.2: a text summary stands before the picture, a table after it; days differ by dash as well as by shade; the cursor
 * is a slider that speaks each reading with its unit. Target and levels: international consensus on time in range (2019).
 */
import type { StoryOpened } from '../../api/index.ts'
import { drawn, element } from './element.ts'
import { glucoseTable } from './glucose-table.ts'
import { rangeBar } from './range-bar.ts'
import { clock, instant, oneDecimal, span, whole } from './words.ts'

const LOW = 70
const HIGH = 180
const HEIGHT = 260
/** The lowest value drawn, mg/dL; sensors end there. */
const FLOOR = 40
const EDGE = { top: 14, right: 12, bottom: 28, left: 46 }
/** A gap longer than this many minutes breaks the line. */
const GAP = 20

type Point = StoryOpened['trace'][number]

/** The whole figure. */
export function glucoseFigure(opened: StoryOpened): HTMLElement {
  const days = daysOf(opened)
  const figure = element('div', { class: 'glucose' })
  const chart = element('div', { class: 'chart' })
  const readout = element('p', { class: 'readout', 'aria-hidden': 'true' })
  figure.append(
    element('p', { class: 'summary' }, summary(opened)),
    rangeBar(opened),
    chart,
    readout,
    legend(opened, days),
    glucoseTable(opened, days),
  )
  cursorChart(chart, readout, opened, days)
  return figure
}

function summary(opened: StoryOpened): string {
  const parts = [
    opened.mean_mgdl === null ? '' : `mean ${whole(opened.mean_mgdl)} mg/dL`,
    opened.gmi_percent === null ? '' : `GMI ${oneDecimal(opened.gmi_percent)} %`,
    opened.cv_percent === null ? '' : `variation (CV) ${oneDecimal(opened.cv_percent)} %`,
  ].filter((text) => text !== '')
  return `${opened.reader} opened ${whole(opened.readings)} glucose readings over ${span(opened.from, opened.until)}, from ${instant(opened.from)} to ${instant(opened.until)}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}.`
}

function daysOf(opened: StoryOpened): readonly (readonly Point[])[] {
  const days = new Map<number, Point[]>()
  for (const point of opened.trace) {
    const day = days.get(point.day)
    if (day === undefined) days.set(point.day, [point])
    else day.push(point)
  }
  return [...days].sort(([a], [b]) => a - b).map(([, points]) => points.sort((a, b) => a.minute - b.minute))
}

/** A chart that fits the width there is and follows arrow keys and pointer. */
function cursorChart(
  chart: HTMLElement,
  readout: HTMLElement,
  opened: StoryOpened,
  days: readonly (readonly Point[])[],
): void {
  let [day, index] = [0, 0]
  const top = Math.max(300, ...opened.trace.map((point) => point.glucose_mgdl + 10))
  let x = (_: number): number => 0
  const y = (value: number): number =>
    EDGE.top + (HEIGHT - EDGE.top - EDGE.bottom) * (1 - (Math.max(FLOOR, value) - FLOOR) / (top - FLOOR))
  const cursor = drawn('g', { class: 'cursor' })

  chart.setAttribute('tabindex', '0')
  chart.setAttribute('role', 'slider')
  chart.setAttribute(
    'aria-label',
    'Glucose over the day; left and right move in time, up and down change the day',
  )
  chart.setAttribute('aria-orientation', 'horizontal')

  function place(): void {
    const point = days[day]?.[index]
    if (point === undefined) return
    const words = reading(point, days[day]?.[index - 1], day)
    chart.setAttribute('aria-valuemin', '0')
    chart.setAttribute('aria-valuemax', '1439')
    chart.setAttribute('aria-valuenow', String(point.minute))
    chart.setAttribute('aria-valuetext', words)
    readout.textContent = words
    cursor.replaceChildren(
      drawn('line', { x1: x(point.minute), x2: x(point.minute), y1: EDGE.top, y2: HEIGHT - EDGE.bottom }),
      drawn('circle', { cx: x(point.minute), cy: y(point.glucose_mgdl), r: 5 }),
    )
  }

  function draw(width: number): void {
    const inner = width - EDGE.left - EDGE.right
    x = (minute) => EDGE.left + (inner * minute) / 1440
    const every = inner < 300 ? 12 : inner < 560 ? 6 : 3
    const hours = Array.from({ length: 24 / every + 1 }, (_, i) => i * every)
    chart.replaceChildren(
      drawn(
        'svg',
        { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, 'aria-hidden': 'true' },
        drawn('rect', { x: x(0), y: y(HIGH), width: inner, height: y(LOW) - y(HIGH), class: 'target' }),
        ...[54, LOW, HIGH, 250].map((level) =>
          drawn('line', {
            x1: x(0),
            x2: x(1440),
            y1: y(level),
            y2: y(level),
            class: level === LOW || level === HIGH ? 'bound' : 'grid',
          }),
        ),
        ...[54, LOW, HIGH, 250].map((level) =>
          drawn(
            'text',
            { x: EDGE.left - 6, y: y(level) + (level === 54 ? 9 : 4), 'text-anchor': 'end' },
            String(level),
          ),
        ),
        drawn('text', { x: EDGE.left - 6, y: EDGE.top, 'text-anchor': 'end' }, 'mg/dL'),
        ...hours.map((hour) =>
          drawn(
            'text',
            {
              x: x(hour * 60),
              y: HEIGHT - 8,
              'text-anchor': hour === 0 ? 'start' : hour === 24 ? 'end' : 'middle',
            },
            clock(hour * 60),
          ),
        ),
        ...days.map((points, number) =>
          drawn('path', { d: path(points, x, y), class: `day day-${number % 4}` }),
        ),
        cursor,
      ),
    )
    place()
  }

  chart.addEventListener('keydown', (event) => {
    const points = days[day] ?? []
    const hour = 12
    const moved = { ArrowRight: 1, ArrowLeft: -1, PageUp: hour, PageDown: -hour, Home: -1e6, End: 1e6 }[
      event.key
    ]
    if (moved !== undefined) index = Math.min(points.length - 1, Math.max(0, index + moved))
    else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const minute = points[index]?.minute ?? 0
      day = (day + (event.key === 'ArrowDown' ? 1 : -1) + days.length) % days.length
      index = nearest(days[day] ?? [], minute)
    } else return
    event.preventDefault()
    place()
  })
  chart.addEventListener('pointermove', (event) => {
    const box = chart.getBoundingClientRect()
    const minute = ((event.clientX - box.left - EDGE.left) / (box.width - EDGE.left - EDGE.right)) * 1440
    const height = event.clientY - box.top
    const candidates = days.map((points) => points[nearest(points, minute)])
    const distance = (point: Point | undefined): number =>
      point === undefined ? Number.POSITIVE_INFINITY : Math.abs(y(point.glucose_mgdl) - height)
    day = candidates.reduce(
      (best, point, at) => (distance(point) < distance(candidates[best]) ? at : best),
      0,
    )
    index = nearest(days[day] ?? [], minute)
    place()
  })
  new ResizeObserver(([entry]) => {
    const width = Math.floor(entry?.contentRect.width ?? 0)
    if (width > 0) requestAnimationFrame(() => draw(width))
  }).observe(chart)
}

function nearest(points: readonly Point[], minute: number): number {
  let best = 0
  points.forEach((point, at) => {
    if (Math.abs(point.minute - minute) < Math.abs((points[best]?.minute ?? 0) - minute)) best = at
  })
  return best
}

function reading(point: Point, before: Point | undefined, day: number): string {
  const value = point.glucose_mgdl
  const place =
    value < 54
      ? 'very low'
      : value < LOW
        ? 'low'
        : value <= HIGH
          ? 'in range'
          : value <= 250
            ? 'high'
            : 'very high'
  const change = before === undefined || point.minute - before.minute > GAP ? 0 : value - before.glucose_mgdl
  const trend = change > 3 ? ', rising' : change < -3 ? ', falling' : ''
  return `Day ${day + 1}, ${clock(point.minute)}: ${whole(value)} mg/dL, ${place}${trend}`
}

function path(points: readonly Point[], x: (minute: number) => number, y: (value: number) => number): string {
  let before = Number.NEGATIVE_INFINITY
  return points
    .map((point) => {
      const start = point.minute - before > GAP
      before = point.minute
      return `${start ? 'M' : 'L'}${x(point.minute).toFixed(1)} ${y(point.glucose_mgdl).toFixed(1)}`
    })
    .join('')
}

function legend(opened: StoryOpened, days: readonly (readonly Point[])[]): HTMLElement {
  const first = Date.parse(opened.from)
  return element(
    'ul',
    { class: 'legend', 'aria-label': 'Days' },
    ...days.map((points, number) => {
      const date = new Date(first + (points[0]?.day ?? number) * 86_400_000)
      const label = date.toLocaleDateString('en-GB', {
        weekday: 'short',
        day: 'numeric',
        month: 'short',
        timeZone: 'UTC',
      })
      return element(
        'li',
        {},
        drawn(
          'svg',
          { viewBox: '0 0 32 8', width: 32, height: 8, 'aria-hidden': 'true' },
          drawn('path', { d: 'M0 4H32', class: `day day-${number % 4}` }),
        ),
        `Day ${number + 1}, ${label}`,
      )
    }),
  )
}

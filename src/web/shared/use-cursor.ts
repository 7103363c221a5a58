/**
 * A cursor over a chart, by keyboard or by pointing: a slider whose value is one of its points, spoken in words.
 */
import { type KeyboardEvent, type PointerEvent, useState } from 'react'

export interface Cursor {
  /** Place of the point, or undefined while nobody points. */
  readonly at: number | undefined
  readonly set: (at: number | undefined) => void
  /** Attributes of the element that takes the focus. */
  readonly slider: {
    readonly role: 'slider'
    readonly tabIndex: 0
    readonly 'aria-label': string
    readonly 'aria-valuemin': 0
    readonly 'aria-valuemax': number
    readonly 'aria-valuenow': number
    readonly 'aria-valuetext': string
    readonly onKeyDown: (event: KeyboardEvent) => void
    readonly onBlur: () => void
    readonly onPointerMove: (event: PointerEvent) => void
    readonly onPointerLeave: () => void
  }
}

/**
 * Over `count` points; `say` gives the words for one of them. `nearest`: the point at a share of the chart’s breadth, for
 * who points at it.
 */
export function useCursor(
  count: number,
  label: string,
  say: (at: number) => string,
  nearest: (share: number) => number,
): Cursor {
  const [at, set] = useState<number>()
  const last = Math.max(0, count - 1)
  const place = Math.min(at ?? last, last)
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: place - 1,
    ArrowRight: place + 1,
    PageDown: place - 12,
    PageUp: place + 12,
    Home: 0,
    End: last,
  }
  return {
    at: at === undefined ? undefined : place,
    set,
    slider: {
      role: 'slider',
      tabIndex: 0,
      'aria-label': label,
      'aria-valuemin': 0,
      'aria-valuemax': last,
      'aria-valuenow': place,
      'aria-valuetext': count === 0 ? '' : say(place),
      onKeyDown: (event) => {
        const to = steps[event.key]
        if (to === undefined) return
        event.preventDefault()
        set(Math.min(last, Math.max(0, to)))
      },
      onBlur: () => set(undefined),
      onPointerMove: ({ currentTarget, clientX }) => {
        const { left, width } = currentTarget.getBoundingClientRect()
        if (count > 0) set(Math.min(last, Math.max(0, nearest((clientX - left) / width))))
      },
      onPointerLeave: () => set(undefined),
    },
  }
}

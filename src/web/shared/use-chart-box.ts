/** The box that a chart draws in: broad, or nearly square where the screen is a phone’s, so that its letters stay legible. */
import { useEffect, useState } from 'react'

export interface ChartBox {
  readonly width: number
  readonly height: number
  /** Left of the plot, for the names of values. */
  readonly left: number
  /** Below the plot, for the names of times. */
  readonly bottom: number
  /** Names along the axis of time, at most. */
  readonly names: number
}

const BROAD: ChartBox = { width: 720, height: 280, left: 44, bottom: 26, names: 8 }
const NARROW: ChartBox = { width: 320, height: 230, left: 38, bottom: 24, names: 5 }
const PHONE = '(max-width: 30rem)'

/** Follows the width of the window; what is printed is broad. */
export function useChartBox(): ChartBox {
  const [narrow, setNarrow] = useState(() => matchMedia(PHONE).matches)
  useEffect(() => {
    const query = matchMedia(PHONE)
    const follow = (): void => setNarrow(query.matches)
    query.addEventListener('change', follow)
    return () => query.removeEventListener('change', follow)
  }, [])
  return narrow ? NARROW : BROAD
}

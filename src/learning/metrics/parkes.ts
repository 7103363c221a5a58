/**
 * The consensus (Parkes) error grid for type 1 diabetes.
 *
 * Law: every pair lies in exactly one zone; a point on a border belongs to the milder zone.
 * Source: Parkes et al. 2000, Diabetes Care 23:1143; coordinates in mg/dL as tabled by Pfützner et al. 2013,
 * J Diabetes Sci Technol 7:1275 (type 1). Beyond the last coordinate a border goes on straight.
 */
import type { Zone } from './clarke.ts'

type Point = readonly [reference: number, forecast: number]

/** Borders above the diagonal, from the mildest outward: a forecast above one lies in the zone named. */
const ABOVE: readonly (readonly [Zone, readonly Point[]])[] = [
  [
    'E',
    [
      [0, 150],
      [35, 155],
      [50, 550],
    ],
  ],
  [
    'D',
    [
      [0, 100],
      [25, 100],
      [50, 125],
      [80, 215],
      [125, 550],
    ],
  ],
  [
    'C',
    [
      [0, 60],
      [30, 60],
      [50, 80],
      [70, 110],
      [260, 550],
    ],
  ],
  [
    'B',
    [
      [0, 50],
      [30, 50],
      [140, 170],
      [280, 380],
      [430, 550],
    ],
  ],
]
/** Borders below the diagonal; each rises from the reference axis at its first coordinate. */
const BELOW: readonly (readonly [Zone, readonly Point[]])[] = [
  [
    'D',
    [
      [250, 40],
      [550, 150],
    ],
  ],
  [
    'C',
    [
      [120, 30],
      [260, 130],
      [550, 250],
    ],
  ],
  [
    'B',
    [
      [50, 30],
      [170, 145],
      [385, 300],
      [550, 450],
    ],
  ],
]

/** The zone of a pair, both in mg/dL. */
export function parkesZone(reference: number, forecast: number): Zone {
  for (const [zone, border] of ABOVE) if (forecast > heightOf(border, reference)) return zone
  for (const [zone, border] of BELOW) {
    const start = border[0]?.[0] ?? 0
    if (reference > start && forecast < heightOf(border, reference)) return zone
  }
  return 'A'
}

function heightOf(border: readonly Point[], reference: number): number {
  let i = 0
  while (i + 2 < border.length && reference > (border[i + 1]?.[0] ?? 0)) i++
  const [x0, y0] = border[i] ?? [0, 0]
  const [x1, y1] = border[i + 1] ?? [1, 0]
  return y0 + ((y1 - y0) * (reference - x0)) / (x1 - x0)
}

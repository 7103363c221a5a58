/** What a site of a study learns from: one person's windows at a time, joined in an order of its own. */
export { joinWindows } from './data/join-windows.ts'
export { type PersonWindows, personWindows } from './data/person-windows.ts'
export { heldError, type JudgedSite, type SideBySideRow, sideBySide } from './evaluate/side-by-side.ts'
export { type NormalEquations, normalEquations } from './ridge/normal-equations.ts'
export { ridgeForecast, solveRidge } from './ridge/ridge.ts'

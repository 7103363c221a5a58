/** Readings as a time series: records, the grid and the gap rule. Pure. */
export * from './gaps.ts'
export * from './grid.ts'
export * from './records.ts'
export * from './samples.ts'
export * from './step.ts'

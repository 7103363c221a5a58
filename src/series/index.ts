/** Readings as a time series: records, the grid and the gap rule. Pure. */
export * from './records.ts'

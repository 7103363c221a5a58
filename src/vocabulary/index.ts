/** The words every room shares: units, times, identifiers, codes, bytes, errors. Pure. */
export * from './bytes.ts'
export * from './canonical-json.ts'
export * from './codes.ts'
export * from './errors.ts'
export * from './hours.ts'
export * from './identifiers.ts'
export * from './instants.ts'
export * from './units.ts'

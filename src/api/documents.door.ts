/** The JSON documents that the `islet` command prints, as schemas. */
export * from './documents/bench.ts'
export * from './documents/demo.ts'
export * from './documents/doctor.ts'
export * from './documents/error.ts'
export * from './documents/forecast.ts'
export * from './documents/read.ts'
export * from './documents/verify.ts'

/** Virtual patients: meals, insulin, sensor; every set is marked as simulated. Pure. */
export * from './carb-ratio.ts'
export * from './cohort.ts'
export * from './habits.ts'
export * from './patient.ts'
export { SIMULATED_EVENT } from './person.ts'
export * from './random.ts'
export * from './sensor.ts'
export * from './uva-padova.ts'

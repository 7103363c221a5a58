/** Visits, sign-off, emergencies: what clinicians do for patients, under consents and with evidence. */
export * from './browser.door.ts'
export * from './decision-book.ts'
export * from './dose-decision.ts'
export * from './emergency-calls.ts'
export * from './emergency-desk.ts'
export * from './emergency-reviews.ts'
export * from './staff.ts'

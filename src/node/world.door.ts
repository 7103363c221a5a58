/** What stories across rooms and benches open of this room: a consortium of ten in one directory, and people in it. */
export type { Hosted } from './institution/hosted.ts'
export { openPerson, type PersonHere } from './story/person.ts'
export { type Consortium, type ConsortiumOptions, openConsortium } from './world/consortium.ts'

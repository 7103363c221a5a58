/** Studies of a node, for those who measure and crash them from outside. */
export { runStudy } from './study/run-study.ts'
export { openStudyDesk } from './study/study-desk.ts'
export { openStudySites } from './study/study-sites.ts'
export { prepareVirtualStudy } from './study/virtual-study.ts'

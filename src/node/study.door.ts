/** Studies of a node, for those who measure them from outside. */
export { runStudy } from './study/run-study.ts'
export { openStudySites } from './study/study-sites.ts'
export { prepareVirtualStudy } from './study/virtual-study.ts'

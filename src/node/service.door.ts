/** What stories in a browser open of this room: a whole node that listens. */
export { openNode, type RunningNode } from './service/node.ts'

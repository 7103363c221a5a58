/** Whether the consortium engine is here to be tested: elsewhere it may be left out, in continuous integration never. */
import { consortiumEngine } from '../consortium.door.ts'

/** Throws `ENGINE_MISSING` in continuous integration (`CI` is set). */
export function engineIsBuilt(): boolean {
  try {
    return consortiumEngine() !== ''
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error
    return false
  }
}

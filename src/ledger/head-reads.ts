/**
 * Views of the newest block, each asked of the engine once: the parties of one process look at the same things at once.
 *
 * Laws: what a view says at a block never changes, and what is given out was said at the very block that is asked about;
 * nothing of a block is kept beyond the next one; a refusal is kept for nobody who asks later.
 */
import type { Address, Hex } from '../vocabulary/index.ts'
import type { Head } from './port.ts'

interface View {
  readonly to: Address
  readonly data: Hex
}

/** Views kept of one block. */
const MOST_VIEWS = 4_096

export function headReads<Said>(
  ask: (view: View, block: Head) => Promise<Said>,
): (view: View, block: Head) => Promise<Said> {
  const said = new Map<string, Promise<Said>>()
  let newest: Pick<Head, 'hash' | 'height'> | undefined
  return (view, block) => {
    if (newest !== undefined && block.height < newest.height) return ask(view, block)
    if (newest?.hash !== block.hash) {
      said.clear()
      newest = block
    }
    const name = `${view.to} ${view.data}`
    const before = said.get(name)
    if (before !== undefined) return before
    if (said.size >= MOST_VIEWS) said.clear()
    const asked = ask(view, block)
    said.set(name, asked)
    asked.catch(() => {
      if (said.get(name) === asked) said.delete(name)
    })
    return asked
  }
}

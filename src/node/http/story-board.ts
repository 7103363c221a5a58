/**
 * The story as it stands, and everybody who watches it: whoever tells the story publishes here.
 *
 * Law: a watcher gets a snapshot, then every event after it; one that cannot keep up gets a fresh snapshot, never a gap.
 */
import { afterEvent, EMPTY_STORY, type Story, type StoryEvent } from '../../api/index.ts'

export interface StoryBoard {
  readonly current: () => Story
  readonly publish: (event: StoryEvent) => void
  /** Snapshot first, then events until the signal aborts. */
  readonly watch: (signal: AbortSignal) => AsyncIterable<StoryEvent>
}

/** Events that wait for one watcher; beyond, a snapshot takes their place. */
const WAITING = 200

/** A board that begins with `first`. */
export function createStoryBoard(first: Story = EMPTY_STORY): StoryBoard {
  let story = first
  const watchers = new Set<(event: StoryEvent) => void>()

  async function* watch(signal: AbortSignal): AsyncGenerator<StoryEvent> {
    let waiting: StoryEvent[] = [{ type: 'snapshot', value: story }]
    let wake = (): void => undefined
    const notice = (event: StoryEvent): void => {
      if (waiting.length >= WAITING) waiting = [{ type: 'snapshot', value: story }]
      else waiting.push(event)
      wake()
    }
    const stop = (): void => wake()
    watchers.add(notice)
    signal.addEventListener('abort', stop)
    try {
      while (!signal.aborted) {
        const next = waiting.shift()
        if (next !== undefined) yield next
        else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    } finally {
      watchers.delete(notice)
      signal.removeEventListener('abort', stop)
    }
  }

  return {
    current: () => story,
    publish: (event) => {
      story = afterEvent(story, event)
      for (const notice of watchers) notice(event)
    },
    watch,
  }
}

/**
 * Events as a text/event-stream, with a sign of life while nothing happens.
 * Source: WHATWG HTML, server-sent events.
 */
import { Readable } from 'node:stream'

/** Seconds of silence after which a comment is sent, so that proxies and readers know the stream lives. */
const SIGN_OF_LIFE_SECONDS = 15

/** A stream of events as text; ends when `events` ends. */
export function eventStream(
  events: AsyncIterable<{ readonly type: string }>,
  seconds = SIGN_OF_LIFE_SECONDS,
): Readable {
  return Readable.from(lines(events, seconds), { objectMode: false, highWaterMark: 64 * 1024 })
}

async function* lines(
  events: AsyncIterable<{ readonly type: string }>,
  seconds: number,
): AsyncGenerator<string> {
  const source = events[Symbol.asyncIterator]()
  let number = 0
  try {
    let pending = source.next()
    for (;;) {
      const next = await orSilence(pending, seconds)
      if (next === 'silence') yield ': still here\n\n'
      else if (next.done === true) return
      else {
        number += 1
        yield `id: ${number}\nevent: ${next.value.type}\ndata: ${JSON.stringify(next.value)}\n\n`
        pending = source.next()
      }
    }
  } finally {
    // Not awaited: a source that waits for its next event ends when the caller's signal aborts.
    void source.return?.()
  }
}

/** What comes first: the event, or so many seconds without one. */
async function orSilence<T>(pending: Promise<T>, seconds: number): Promise<T | 'silence'> {
  let timer: NodeJS.Timeout | undefined
  const quiet = new Promise<'silence'>((resolve) => {
    timer = setTimeout(() => resolve('silence'), seconds * 1000)
    timer.unref()
  })
  return Promise.race([pending, quiet]).finally(() => clearTimeout(timer))
}

/**
 * Reads a text/event-stream from fetch, which can sign its request where EventSource cannot (PROTOCOL 21).
 * Source: WHATWG HTML, server-sent events, section "parsing an event stream"; only `data` is used.
 */
import { IsletError } from '../vocabulary/index.ts'

/** An event may be this long, in characters. */
const LIMIT = 8 * 1024 * 1024

/** The data of each event, in order; ends when the stream ends. Throws `EVENT_TOO_LONG`. */
export async function* readEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      text += decoder.decode(value, { stream: true })
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const data = dataOf(text.slice(0, end))
        text = text.slice(end + 2)
        if (data !== undefined) yield data
      }
      if (text.length > LIMIT)
        throw new IsletError('EVENT_TOO_LONG', 'an event is longer than any event may be')
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function dataOf(block: string): string | undefined {
  const lines = block.split('\n').filter((line) => line.startsWith('data:'))
  return lines.length === 0 ? undefined : lines.map((line) => line.slice(5).replace(/^ /, '')).join('\n')
}

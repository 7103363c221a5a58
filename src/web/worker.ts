/**
 * The app's files on this device, so that it opens when the node is away or the device is offline.
 *
 * Laws: the node is asked first, and what it says is what is shown; the kept files stand in only when it does not answer.
 * Nothing but the app's own files is ever kept here: no answer of the API, no health datum.
 * Source: W3C Service Workers, sections 4.5 and 5.4. The node puts the names of the files and their version before this text.
 */
declare const ISLET_FILES: readonly string[]
declare const ISLET_VERSION: string

interface Lasting {
  waitUntil(work: Promise<unknown>): void
}
interface Asking extends Lasting {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}
/** What of a service worker's scope is used here. */
declare const self: {
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void
  addEventListener(type: 'fetch', listener: (event: Asking) => void): void
  skipWaiting(): Promise<void>
  readonly clients: { claim(): Promise<void> }
}

const NAME = `islet app ${ISLET_VERSION}`
const FILES: ReadonlySet<string> = new Set(ISLET_FILES)

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(NAME)
      .then((kept) => kept.addAll([...FILES]))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('fetch', (event) => {
  const { method, url } = event.request
  const { pathname } = new URL(url)
  if (method === 'GET' && FILES.has(pathname)) event.respondWith(answered(event.request, pathname))
})

async function answered(request: Request, path: string): Promise<Response> {
  try {
    const answer = await fetch(request)
    if (answer.ok) return answer
  } catch {
    // Nobody answers: what is kept stands in.
  }
  return (await (await caches.open(NAME)).match(path)) ?? Response.error()
}

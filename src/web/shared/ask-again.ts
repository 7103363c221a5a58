/**
 * Asking again by itself what grows old on a page that somebody looks at.
 *
 * Laws: a page that is hidden asks nothing; shown again, it asks at once what fell due meanwhile, once. Source of the
 * event: HTML Living Standard, 6.2 (page visibility).
 */

/** What of a document is used. */
export interface Looked {
  readonly hidden: boolean
  addEventListener(type: 'visibilitychange', listener: () => void): void
  removeEventListener(type: 'visibilitychange', listener: () => void): void
}

/** Asks every so many seconds while the page is shown; gives what ends it. */
export function askAgain(ask: () => void, every: number, page: Looked): () => void {
  let missed = false
  const fallDue = (): void => {
    missed = page.hidden
    if (!missed) ask()
  }
  const shown = (): void => {
    if (missed) fallDue()
  }
  const timer = setInterval(fallDue, every * 1_000)
  page.addEventListener('visibilitychange', shown)
  return () => {
    clearInterval(timer)
    page.removeEventListener('visibilitychange', shown)
  }
}

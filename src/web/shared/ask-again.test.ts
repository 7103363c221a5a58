import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { askAgain } from './ask-again.ts'

/** A page as far as it is shown or hidden. */
class Page extends EventTarget {
  hidden = false
  turn(hidden: boolean): void {
    this.hidden = hidden
    this.dispatchEvent(new Event('visibilitychange'))
  }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('what grows old is asked again after each span, and no more once it is ended', () => {
  const ask = vi.fn()
  const end = askAgain(ask, 300, new Page())
  vi.advanceTimersByTime(299_999)
  expect(ask).toHaveBeenCalledTimes(0)
  vi.advanceTimersByTime(1)
  expect(ask).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(600_000)
  expect(ask).toHaveBeenCalledTimes(3)
  end()
  vi.advanceTimersByTime(3_000_000)
  expect(ask).toHaveBeenCalledTimes(3)
})

test('a hidden page asks nothing, and once at the moment it is shown again', () => {
  const [ask, page] = [vi.fn(), new Page()]
  const end = askAgain(ask, 300, page)
  page.turn(true)
  vi.advanceTimersByTime(3_000_000)
  expect(ask).toHaveBeenCalledTimes(0)
  page.turn(false)
  expect(ask).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(300_000)
  expect(ask).toHaveBeenCalledTimes(2)
  // Ended while it was hidden: it wakes nothing.
  page.turn(true)
  vi.advanceTimersByTime(300_000)
  end()
  page.turn(false)
  expect(ask).toHaveBeenCalledTimes(2)
})

test('a page that was hidden for less than the span has missed nothing', () => {
  const [ask, page] = [vi.fn(), new Page()]
  const end = askAgain(ask, 300, page)
  page.turn(true)
  vi.advanceTimersByTime(100_000)
  page.turn(false)
  expect(ask).toHaveBeenCalledTimes(0)
  vi.advanceTimersByTime(200_000)
  expect(ask).toHaveBeenCalledTimes(1)
  end()
})

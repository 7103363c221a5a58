/**
 * A headless Chromium of this machine, found by path: `ISLET_CHROMIUM`, else where Debian and others put it.
 */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Path of a browser, or undefined. In continuous integration a missing one is an error, never a silent pass. */
export function browserPath(): string | undefined {
  const given = process.env['ISLET_CHROMIUM']
  const found = given ?? PLACES.find((path) => existsSync(path))
  if (found === undefined && process.env['CI'] !== undefined) {
    throw new Error('no Chromium on this machine: apt-get install chromium, or set ISLET_CHROMIUM')
  }
  if (found === undefined)
    process.stderr.write('no Chromium on this machine: the stories in the browser are left out\n')
  return found
}

export function openBrowser(path: string, more: readonly string[] = []): Promise<Browser> {
  // The sandbox wants rights that containers do not give; the pages are our own, on loopback.
  return chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-dev-shm-usage', ...more] })
}

/**
 * Puts the app's files on this device (`worker.ts`), where the browser can.
 *
 * Law: the one address that may become a worker is named here, and the content policy allows no other policy than this.
 */
const WORKER = '/app-worker.js'
const POLICY = 'islet-worker'

interface PolicyMaker {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string }
}

/** A device that cannot keep the app still runs it. */
export async function installApp(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  try {
    await navigator.serviceWorker.register(workerAddress(), { scope: '/app' })
  } catch {
    // Private windows and some policies refuse it: the app works, only not without the node.
  }
}

function workerAddress(): string {
  const maker: unknown = Reflect.get(globalThis, 'trustedTypes')
  if (!isMaker(maker)) return WORKER
  return maker
    .createPolicy(POLICY, {
      createScriptURL: (url) => {
        if (url !== WORKER) throw new TypeError('no other address becomes a worker')
        return url
      },
    })
    .createScriptURL(WORKER)
}

function isMaker(value: unknown): value is PolicyMaker {
  return typeof value === 'object' && value !== null && 'createPolicy' in value
}

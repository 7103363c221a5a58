/**
 * What the node said last of things that hardly change, for when it does not answer: members, contracts, demo people, a
 * wrapped root, when a request was recorded.
 *
 * Laws: asked anew whenever the node answers; no health datum and nothing that opens one is among them; all of it goes with
 * `forgetKept`. Limit, stated: a member suspended while this device was away is refused by the ledger when it is back.
 */
const PREFIX = 'islet.kept '
const KEPT = [
  /^\/v1\/node$/,
  /^\/v1\/institutions$/,
  /^\/v1\/ledger\/(contracts|members)$/,
  /^\/v1\/ledger\/members\/0x[0-9a-f]{64}\/requests\/0x[0-9a-f]{64}$/,
  /^\/v1\/demo\/personas(\/[a-z-]+)?$/,
  /^\/v1\/recovery\/0x[0-9a-f]{64}$/,
]

function isKept(path: string): boolean {
  return KEPT.some((pattern) => pattern.test(path))
}

/** Notes an answer that may be needed again. */
export async function keepAnswer(path: string, answer: Response): Promise<void> {
  if (!answer.ok || !isKept(path)) return
  const text = await answer.clone().text()
  // Of a request that was not recorded yet the answer will be another one.
  if (text.includes('"recorded_seconds":null')) return
  try {
    localStorage.setItem(`${PREFIX}${path}`, text)
  } catch {
    // A full store keeps nothing more: the answer itself stands.
  }
}

/** What was said last, or undefined. */
export function keptAnswer(path: string): Response | undefined {
  const text = localStorage.getItem(`${PREFIX}${path}`)
  return text === null ? undefined : new Response(text, { headers: { 'content-type': 'application/json' } })
}

/** Forgets all of it. */
export function forgetKept(): void {
  for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name)
}

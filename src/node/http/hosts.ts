/**
 * Which names a browser may use for this node, and what counts as this machine.
 *
 * Law: a request under any other Host is refused, so that no foreign page can bind its name to our address (DNS rebinding);
 * what shows a person's data is shown to loopback peers under loopback names only (PROTOCOL 34).
 */
const LOOPBACK_NAME = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i
const LOOPBACK_PEER = /^(?:::1|(?:::ffff:)?127(?:\.\d{1,3}){3})$/i

/** Whether a Host field names this machine to itself. */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && LOOPBACK_NAME.test(host)
}

/** Whether a peer's address is of this machine. */
export function isLoopbackPeer(address: string | undefined): boolean {
  return address !== undefined && LOOPBACK_PEER.test(address)
}

/** Whether a Host field is one of the node's own: a loopback name, or one given (with or without a port). */
export function isOwnHost(host: string | undefined, given: readonly string[]): boolean {
  if (host === undefined) return false
  const lower = host.toLowerCase()
  const bare = lower.replace(/:\d{1,5}$/, '')
  return (
    isLoopbackHost(host) || given.some((name) => name.toLowerCase() === lower || name.toLowerCase() === bare)
  )
}

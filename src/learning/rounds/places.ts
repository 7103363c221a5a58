/** Sets of sites on the wire: a bit for each enrolled site, in order of their ids. */

export function toBits(roster: readonly string[], sites: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(roster.length / 8))
  for (const site of sites) {
    const place = roster.indexOf(site)
    if (place >= 0) bytes[place >> 3] = (bytes[place >> 3] ?? 0) | (1 << (place & 7))
  }
  return bytes
}

export function fromBits(roster: readonly string[], bytes: Uint8Array | undefined): readonly string[] {
  return roster.filter((_, place) => (((bytes?.[place >> 3] ?? 0) >> (place & 7)) & 1) === 1)
}

/** Bytes of one length, by site in order. Bytes beyond the sites stay unread. */
export function slices(
  sites: readonly string[],
  bytes: Uint8Array | undefined,
  length: number,
): ReadonlyMap<string, Uint8Array> {
  return new Map(
    sites.map((site, i) => [site, bytes?.subarray(i * length, (i + 1) * length) ?? new Uint8Array()]),
  )
}

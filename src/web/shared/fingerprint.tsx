/** The 32 bytes that a document is known by: short and in groups to compare by eye, whole for those who copy it. */
export function Fingerprint({ of }: { readonly of: string }) {
  return (
    <span className="fingerprint">
      <abbr title={of}>{(of.replace(/^0x/, '').slice(0, 16).match(/.{4}/g) ?? []).join(' ')}</abbr>
    </span>
  )
}

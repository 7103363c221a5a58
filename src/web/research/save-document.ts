/** Hands a JSON document to the person as a file; it is made here and goes nowhere. */
export function saveDocument(name: string, document_: object): void {
  const address = URL.createObjectURL(
    new Blob([`${JSON.stringify(document_, null, 2)}\n`], { type: 'application/json' }),
  )
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}

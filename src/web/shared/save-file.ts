/** Hands what was made here to the browser as a file to be kept; nothing leaves the device by it. */
export function saveFile(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}

/** A JSON document, as people can read it. */
export function saveDocument(name: string, document_: object): void {
  saveFile(name, 'application/json', `${JSON.stringify(document_, null, 2)}\n`)
}

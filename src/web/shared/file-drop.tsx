/** A place for files: chosen with the keyboard or dropped, which comes to the same. */
import type { ComponentProps, DragEvent, ReactNode } from 'react'
import { FileButton } from './file-button.tsx'

export function FileDrop({
  children,
  ...button
}: ComponentProps<typeof FileButton> & {
  /** What stands around the button; the button alone when left out. */
  readonly children?: (button: ReactNode) => ReactNode
}) {
  const onDrop = (event: DragEvent): void => {
    event.preventDefault()
    button.take([...event.dataTransfer.files])
  }
  const shown = <FileButton {...button} />
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way beside the file button inside
    <div className="card" onDrop={onDrop} onDragOver={(event) => event.preventDefault()}>
      {children === undefined ? shown : children(shown)}
    </div>
  )
}

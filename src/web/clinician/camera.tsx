/**
 * The live camera as a scanner: looks for a code a few times a second, on this device, and lets the camera go once it has one.
 *
 * Law: the camera runs only while it is shown, and no picture is kept or sent.
 */
import { useEffect, useRef, useState } from 'react'
import { useClinicianWords } from './words.ts'

const LOOK_MILLISECONDS = 200

export function Camera({
  found,
  close,
}: {
  readonly found: (text: string) => void
  readonly close: () => void
}) {
  const text = useClinicianWords().visit
  const video = useRef<HTMLVideoElement>(null)
  const tell = useRef(found)
  tell.current = found
  const [refused, setRefused] = useState(false)
  useEffect(() => {
    let stream: MediaStream | undefined
    let turn: ReturnType<typeof setInterval> | undefined
    let over = false
    const stop = (): void => {
      over = true
      clearInterval(turn)
      for (const track of stream?.getTracks() ?? []) track.stop()
    }
    const start = async (): Promise<void> => {
      const [{ codeIn }, opened] = await Promise.all([import('./scan.ts'), openCamera()])
      stream = opened
      const shown = video.current
      if (over || shown === null) return stop()
      shown.srcObject = opened
      await shown.play()
      turn = setInterval(() => {
        const code = codeIn(shown, shown.videoWidth, shown.videoHeight)
        if (code === undefined) return
        stop()
        tell.current(code)
      }, LOOK_MILLISECONDS)
    }
    start().catch(() => {
      // What was stopped before it had begun was not refused.
      if (!over) setRefused(true)
      stop()
    })
    return stop
  }, [])
  return (
    <div>
      {refused ? (
        <p className="notice bad" role="alert">
          {text.noCamera}
        </p>
      ) : (
        <>
          <p role="status">{text.looking}</p>
          <video ref={video} className="camera" muted playsInline aria-label={text.camera} />
        </>
      )}
      <p>
        <button type="button" className="button" onClick={close}>
          {text.cameraOff}
        </button>
      </p>
    </div>
  )
}

/** The camera that looks away from whoever holds the device. Throws where there is none, or it is not given. */
function openCamera(): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
}

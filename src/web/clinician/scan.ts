/** The text of a QR code in a picture, found on this device; nothing of the picture leaves it. */
import { decodeQR } from 'qr/decode.js'

/** Pixels of the longer side: enough for a pass, and quick. */
const MOST_PIXELS = 1_200

/** Undefined where no code is found. */
export async function passIn(picture: Blob): Promise<string | undefined> {
  const image = await createImageBitmap(picture)
  return codeIn(image, image.width, image.height)
}

/** The same of anything that can be drawn, of so many pixels. */
export function codeIn(picture: CanvasImageSource, wide: number, high: number): string | undefined {
  if (wide === 0 || high === 0) return undefined
  const scale = Math.min(1, MOST_PIXELS / Math.max(wide, high))
  const [width, height] = [Math.round(wide * scale), Math.round(high * scale)]
  const canvas = new OffscreenCanvas(width, height)
  const pen = canvas.getContext('2d')
  if (pen === null) return undefined
  pen.drawImage(picture, 0, 0, width, height)
  const { data } = pen.getImageData(0, 0, width, height)
  try {
    return decodeQR({ width, height, data })
  } catch {
    return undefined
  }
}

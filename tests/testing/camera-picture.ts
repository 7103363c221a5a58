/** A picture that Chromium's fake camera shows (`--use-file-for-fake-video-capture`): one frame of Y4M, grey. */
import encodeQR from 'qr'

const [WIDTH, HEIGHT] = [640, 480]
/** Pixels of one square of the code, and of its white border. */
const SQUARE = 8
const BORDER = 24
const WHITE = 235
const BLACK = 16

/** A code in the middle of white, or white alone. */
export function cameraPicture(text?: string): Uint8Array {
  const luma = new Uint8Array(WIDTH * HEIGHT).fill(WHITE)
  const squares = text === undefined ? [] : encodeQR(text, 'raw')
  for (const [y, row] of squares.entries()) {
    for (const [x, dark] of row.entries()) {
      if (!dark) continue
      for (let line = 0; line < SQUARE; line++) {
        const at = (BORDER + y * SQUARE + line) * WIDTH + BORDER + x * SQUARE
        luma.fill(BLACK, at, at + SQUARE)
      }
    }
  }
  const chroma = new Uint8Array((WIDTH * HEIGHT) / 2).fill(128)
  const head = new TextEncoder().encode(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\nFRAME\n`)
  return Buffer.concat([head, luma, chroma])
}

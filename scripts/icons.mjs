// Draws the icons that phones keep from the one drawing: `node scripts/icons.mjs`, with Chromium on this machine.
// 192 as it is drawn; 180 and 512 to the edge, the drawing inside the circle that every mask leaves (W3C manifest, maskable).
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const root = fileURLToPath(new URL('..', import.meta.url))
const drawing = readFileSync(`${root}src/node/page/icon.svg`, 'utf8')
const ground = /fill="(#[0-9a-f]{6})"/.exec(drawing)?.[1]
const toTheEdge = drawing.replace('viewBox="0 0 32 32"', 'viewBox="-4 -4 40 40"')

const browser = await chromium.launch({
  executablePath: process.env.ISLET_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
for (const [size, svg, background] of [
  [180, toTheEdge, ground],
  [192, drawing, 'transparent'],
  [512, toTheEdge, ground],
]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  await page.setContent(
    `<body style="margin:0;background:${background}"><style>svg{display:block;width:${size}px;height:${size}px}</style>${svg}`,
  )
  await page.screenshot({ path: `${root}src/web/icon-${size}.png`, omitBackground: true })
}
await browser.close()

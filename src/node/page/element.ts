/**
 * Makes elements without markup in strings, so that nothing a story says is ever read as HTML.
 */
type Child = Node | string | undefined
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** An HTML element with attributes and children; undefined ones are left out. */
export function element(
  name: string,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElement {
  return dressed(document.createElement(name), attributes, children)
}

/** The same for SVG. */
export function drawn(name: string, attributes: Attributes = {}, ...children: readonly Child[]): SVGElement {
  return dressed(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children)
}

function dressed<E extends Element>(made: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, '')
    else if (value !== undefined && value !== false) made.setAttribute(name, String(value))
  }
  for (const child of children) if (child !== undefined) made.append(child)
  return made
}

/** The element of the page with this id. Throws when the page lacks it: page and script belong together. */
export function part(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no ${id}`)
  return found
}

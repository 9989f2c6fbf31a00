/** Reads XML strictly: what a browser would refuse, or read in another way than it was meant, throws. */

export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly inner: readonly (Element | string)[]
}

const token =
  /<([A-Za-z][\w-]*)((?:\s[\w:-]+="[^"<&]*(?:&[\w#]+;[^"<&]*)*")*)\s*(\/?)>|<\/([\w-]+)>|((?:[^<>&]|&[\w#]+;)+)/y
const notInXml =
  /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|&(?!(?:amp|lt|gt|quot|#39);)/u

/** The root element of a document that has nothing else. */
export function parseXml(text: string): Element {
  const bad = notInXml.exec(text)
  if (bad) throw new Error(`${JSON.stringify(bad[0])} at ${bad.index} is not in XML`)
  const root: { inner: (Element | string)[] } = { inner: [] }
  const open: { name: string; inner: (Element | string)[] }[] = [{ name: '', ...root }]
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const at = token.lastIndex
    const [, name, attributes = '', ends, closes, said] = token.exec(text) ?? []
    const { inner } = open.at(-1)!
    if (name !== undefined) {
      const element = { name, attributes: attributesOf(attributes), inner: [] }
      inner.push(element)
      if (ends === '') open.push(element)
    } else if (closes !== undefined) {
      if (open.pop()?.name !== closes) throw new Error(`</${closes}> at ${at} closes nothing`)
    } else if (said !== undefined) inner.push(unescaped(said))
    else throw new Error(`${JSON.stringify(text.slice(at, at + 40))} at ${at} is not XML`)
  }
  const [only] = open[0]!.inner.filter((one) => typeof one !== 'string')
  if (open.length !== 1 || !only) throw new Error('something is left open')
  return only as Element
}

function attributesOf(text: string): Record<string, string> {
  const found = [...text.matchAll(/([\w:-]+)="([^"]*)"/g)]
  const names = found.map(([, name]) => name)
  if (new Set(names).size < names.length) throw new Error(`${text} has one twice`)
  return Object.fromEntries(found.map(([, name, value = '']) => [name, unescaped(value)]))
}

const signs: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
}
const unescaped = (text: string) => text.replace(/&([\w#]+);/g, (_, name: string) => signs[name]!)

/** The element and all that are in it, in the order of the document. */
export function elementsIn(element: Element): readonly Element[] {
  const inner = element.inner.filter((one): one is Element => typeof one !== 'string')
  return [element, ...inner.flatMap(elementsIn)]
}

export const textIn = ({ inner }: Element): string =>
  inner.map((one) => (typeof one === 'string' ? one : '')).join('')

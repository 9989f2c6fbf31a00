/** Texts of one length that are kept. */
const perLengthMax = 8
const lengthMax = 64

/**
 * Texts that come again and again, such as the types of events. Each is one string, whoever reads it: it
 * takes less to find it by its bytes than to make it anew, and V8 then compares it at once.
 */
export class RecurringTexts {
  readonly #byLength: string[][] = Array.from({ length: lengthMax + 1 }, () => [])

  /** The text of these bytes, which are UTF-8. */
  read(bytes: Buffer, start: number, end: number): string {
    const length = end - start
    if (length > lengthMax) return bytes.toString('utf8', start, end)
    const known = this.#byLength[length]!
    for (const text of known) if (isAt(text, bytes, start)) return text
    const text = bytes.toString('utf8', start, end)
    if (known.length < perLengthMax && text.length === length) known.push(text)
    return text
  }
}

/** Whether the bytes are those of a text with as many characters, which are ASCII then. */
function isAt(text: string, bytes: Buffer, start: number): boolean {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false
  }
  return true
}

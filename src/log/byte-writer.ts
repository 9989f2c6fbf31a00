/**
 * Writes text, JSON and numbers one after the other into memory that grows. What is written mostly is
 * short and ASCII, and then written here byte by byte: to ask the system for it costs more than it does.
 */

/** The most bytes that a UTF-16 unit becomes in UTF-8. */
const bytesPerUnit = 3
/** Objects and lists inside one another. What lies deeper is left to `JSON.stringify`. */
const levelsMax = 32
/** Room for a number, and for all brackets that may end after it. */
const slackBytes = levelsMax + 32

/** Safe integers are written in two parts, each of which V8 keeps as an integer: the last nine digits, and those before. */
const lowDigits = 9
const lowLimit = 10 ** lowDigits

const quote = 0x22
const comma = 0x2c
const zero = 0x30
const colon = 0x3a
const opensList = 0x5b
const backslash = 0x5c
const closesList = 0x5d
const opensObject = 0x7b
const closesObject = 0x7d
const firstPrintable = 0x20
const asciiEnd = 0x80

export class ByteWriter {
  bytes: Buffer
  /** The same memory, for numbers. */
  view: DataView
  /** Where the next byte goes. */
  at = 0
  #capacity: number

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity)
    this.view = viewOf(this.bytes)
    this.#capacity = capacity
  }

  /** Sees to it that so many bytes more can be written. */
  reserve(count: number): void {
    const needed = this.at + count
    if (needed <= this.#capacity) return
    this.#capacity = Math.max(needed, 2 * this.#capacity)
    const grown = Buffer.allocUnsafeSlow(this.#capacity)
    this.bytes.copy(grown, 0, 0, this.at)
    this.bytes = grown
    this.view = viewOf(grown)
  }

  /** Writes a text as UTF-8, and returns how many bytes it has. */
  text(text: string): number {
    this.reserve(bytesPerUnit * text.length + slackBytes)
    const { bytes, at } = this
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index)
      if (unit >= asciiEnd) return this.#encoded(text)
      bytes[at + index] = unit
    }
    this.at = at + text.length
    return text.length
  }

  /** Writes bytes as they are. */
  copy(bytes: Buffer): void {
    this.reserve(bytes.length + slackBytes)
    this.at += bytes.copy(this.bytes, this.at)
  }

  /** Writes what `JSON.stringify` makes of a value, byte for byte; throws what that throws. */
  json(value: unknown): void {
    if (!this.#value(value, 0)) this.#stringified(value)
  }

  /** False where the value was not written, as only `JSON.stringify` knows how. */
  #value(value: unknown, level: number): boolean {
    switch (typeof value) {
      case 'string':
        this.#quoted(value)
        return true
      case 'number':
        this.#number(value)
        return true
      case 'boolean':
        this.text(value ? 'true' : 'false')
        return true
      case 'object':
        if (value === null) this.text('null')
        else if (level === levelsMax) return false
        else if (Array.isArray(value)) return this.#list(value, level + 1)
        else return this.#object(value as Record<string, unknown>, level + 1)
        return true
      default:
        return false
    }
  }

  #list(list: readonly unknown[], level: number): boolean {
    if (Object.getPrototypeOf(list) !== Array.prototype) return false
    const start = this.at
    this.#byte(opensList)
    for (let index = 0; index < list.length; index++) {
      if (index > 0) this.#byte(comma)
      this.reserve(slackBytes)
      if (this.#value(list[index], level)) continue
      this.at = start
      return false
    }
    this.#byte(closesList)
    return true
  }

  #object(object: Record<string, unknown>, level: number): boolean {
    const prototype = Object.getPrototypeOf(object)
    if (prototype !== Object.prototype && prototype !== null) return false
    const start = this.at
    this.#byte(opensObject)
    let isFirst = true
    for (const key in object) {
      if (!isFirst) this.#byte(comma)
      isFirst = false
      this.#quoted(key)
      this.#byte(colon)
      if (this.#value(object[key], level)) continue
      this.at = start
      return false
    }
    this.#byte(closesObject)
    return true
  }

  /** Whatever is written reserves more than it needs: enough for what JSON puts between two of them. */
  #byte(byte: number): void {
    this.bytes[this.at++] = byte
  }

  #quoted(text: string): void {
    this.reserve(bytesPerUnit * text.length + slackBytes)
    const { bytes } = this
    let { at } = this
    bytes[at++] = quote
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index)
      const isPlain =
        unit >= firstPrintable && unit < asciiEnd && unit !== quote && unit !== backslash
      if (!isPlain) return this.#stringified(text)
      bytes[at++] = unit
    }
    bytes[at++] = quote
    this.at = at
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) return this.#stringified(value)
    this.reserve(slackBytes)
    const high = Math.floor(value / lowLimit)
    if (high > 0) this.#digits(high, digitsOf(high))
    this.#digits(value - high * lowLimit, high > 0 ? lowDigits : digitsOf(value))
  }

  /** Writes a number below 2^31 with so many digits. */
  #digits(number: number, digits: number): void {
    const { bytes, at: start } = this
    let rest = number | 0
    for (let at = start + digits - 1; at >= start; at--) {
      const tenth = (rest / 10) | 0
      bytes[at] = zero + rest - 10 * tenth
      rest = tenth
    }
    this.at = start + digits
  }

  #stringified(value: unknown): void {
    this.#encoded(JSON.stringify(value))
  }

  #encoded(text: string): number {
    this.reserve(bytesPerUnit * text.length + slackBytes)
    const written = this.bytes.write(text, this.at)
    this.at += written
    return written
  }
}

function digitsOf(number: number): number {
  let digits = 1
  for (let above = 10; above <= number; above *= 10) digits++
  return digits
}

/** The memory of a buffer, for numbers. */
export function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}

/** Memory beyond this is not kept for another use. */
const keptBytesMax = 4 * 1024 * 1024

/**
 * Writers that are used again: memory that the system has just given is slow to write to, as it gives
 * it page by page.
 */
export class ByteWriters {
  readonly #free: ByteWriter[] = []
  readonly #freeMax: number
  readonly #capacity: number

  constructor(freeMax: number, capacity: number) {
    this.#freeMax = freeMax
    this.#capacity = capacity
  }

  take(): ByteWriter {
    return this.#free.pop() ?? new ByteWriter(this.#capacity)
  }

  /** To be called once nobody reads what was written. */
  giveBack(writer: ByteWriter): void {
    if (this.#free.length === this.#freeMax || writer.bytes.length > keptBytesMax) return
    this.#free.push(writer)
  }
}

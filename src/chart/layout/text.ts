/** Text in cells of one width, so that its size is known where there is no screen to measure it on. */

/**
 * A text without what is not to be seen or turns what follows around: control characters, marks of
 * direction, what is no character at all, and marks on marks beyond the third become their escapes,
 * such as `\u202e`. What is left may stand in XML, once its markup is escaped.
 */
export function visible(text: string): string {
  return text.replace(
    unseen,
    (found) => `\\u${found.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  )
}

const unseen = /[\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}|(?<=\p{M}{3})\p{M}/gu

/** How many cells wide a text is: none for a mark on the letter before, two for a wide letter. */
export function cellsOf(text: string): number {
  let cells = 0
  for (const letter of text) cells += cellsOfLetter(letter)
  return cells
}

const ascii = /^[ -~]$/
const mark = /^(?:\p{M}|[\u200c\u200d])$/u
const wide =
  /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Extended_Pictographic}\p{Regional_Indicator}]$/u

function cellsOfLetter(letter: string): number {
  if (ascii.test(letter)) return 1
  if (mark.test(letter)) return 0
  return wide.test(letter) ? 2 : 1
}

/**
 * Lines of at most `cellsMax` cells: broken between words, inside of a name before a capital or after
 * a sign, and elsewhere only where one part is wider than a line. What does not go into `linesMax`
 * lines is cut, and the last one ends in `…`.
 */
export function wrapped(text: string, cellsMax: number, linesMax: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const part of partsOf(text, cellsMax)) {
    if (cellsOf(line) + cellsOf(part.trimEnd()) <= cellsMax) {
      line += part
      continue
    }
    lines.push(line.trimEnd())
    line = part
    if (lines.length > linesMax) break
  }
  lines.push(line.trimEnd())
  if (lines.length <= linesMax) return lines
  return [...lines.slice(0, linesMax - 1), cut(lines[linesMax - 1]!, cellsMax)]
}

/** Words with the space after them; those that are wider than a line in their parts, or in pieces. */
function partsOf(text: string, cellsMax: number): readonly string[] {
  const words = text.match(/\S+\s*|\s+/g) ?? ['']
  return words.flatMap((word) => {
    if (cellsOf(word.trimEnd()) <= cellsMax) return [word]
    const parts = word.match(/\p{Lu}*[^\p{Lu}._:/-]*[._:/-]*/gu) ?? [word]
    return parts.flatMap((part) => piecesOf(part, cellsMax))
  })
}

function piecesOf(text: string, cellsMax: number): readonly string[] {
  const pieces = ['']
  let cells = 0
  for (const letter of text) {
    cells += cellsOfLetter(letter)
    if (cells > cellsMax) {
      pieces.push('')
      cells = cellsOfLetter(letter)
    }
    pieces[pieces.length - 1] += letter
  }
  return pieces
}

function cut(line: string, cellsMax: number): string {
  const letters = [...line]
  while (cellsOf(letters.join('')) >= cellsMax) letters.pop()
  return `${letters.join('')}…`
}

/** The row that a key leads to, from the active one; undefined for a key that leads nowhere. */
export function rowAfterKey(
  key: string,
  active: number,
  count: number,
  page: number,
): number | undefined {
  const last = count - 1
  if (last < 0) return undefined
  switch (key) {
    case 'ArrowDown':
      return Math.min(active + 1, last)
    case 'ArrowUp':
      return Math.max(active - 1, 0)
    case 'PageDown':
      return Math.min(Math.max(active, 0) + page, last)
    case 'PageUp':
      return Math.max(active - page, 0)
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return undefined
  }
}

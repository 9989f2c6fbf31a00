/** Makes what fails smaller, for as long as it fails. */

/**
 * The fewest steps that are found with which it still fails: first halves are left out, then quarters,
 * and so on, and at last each step by itself.
 *
 * @param fails runs with these steps only
 * @param runsMax after so many runs it is small enough
 */
export async function shrink(
  steps: readonly number[],
  fails: (steps: readonly number[]) => Promise<boolean>,
  runsMax = 300,
): Promise<readonly number[]> {
  let left = steps
  let runs = 0
  for (let size = Math.ceil(left.length / 2); size >= 1; ) {
    let isSmaller = false
    for (let at = 0; at < left.length && runs < runsMax; ) {
      const without = [...left.slice(0, at), ...left.slice(at + size)]
      runs++
      if (await fails(without)) {
        left = without
        isSmaller = true
      } else at += size
    }
    if (runs >= runsMax) break
    // What had to stay may go once others have gone.
    if (size > 1) size = Math.ceil(size / 2)
    else if (!isSmaller) break
  }
  return left
}

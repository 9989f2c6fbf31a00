/**
 * Has V8 keep the numbers of objects so that many objects share one. A field that has only held numbers
 * beyond 2^31, such as times, is given a box of its own in each object, 16 bytes of garbage or more; one
 * that has once held something else refers to the number that it was given.
 *
 * @param make makes an object as it is made later, with these for its numbers; called once
 */
export function shareNumbers(make: (number: never) => object): void {
  make(null as never)
}

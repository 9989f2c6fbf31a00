declare module 'fs-native-extensions' {
  /**
   * Takes a lock on an open file, an exclusive one unless it is to be shared; false where another open
   * file holds one that it cannot be beside of.
   */
  export function tryLock(file: number, options?: { readonly shared?: boolean }): boolean
}

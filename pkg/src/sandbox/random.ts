/** Returns a random whole number below 2^53. */
export function randomInteger(): number {
  const [high = 0, low = 0] = randomWords();
  return (high >>> 11) * 2 ** 32 + low;
}

/** Returns 256 random bits. */
export function randomWords(): number[] {
  return [...crypto.getRandomValues(new Uint32Array(8))];
}

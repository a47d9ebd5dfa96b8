/** Returns a random number from 0 to 1000, for the core, which has no randomness of its own. */
export function jitter(): number {
  return Math.random() * 1_000;
}

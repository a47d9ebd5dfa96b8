// Random numbers that are the same for the same seed.

export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** Returns a number from 0 to below 1 (mulberry32). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Returns an integer from 0 to below `end`. */
  below(end) {
    return Math.floor(this.next() * end);
  }

  /** Returns an integer from `low` to `high`. */
  between(low, high) {
    return low + this.below(high - low + 1);
  }

  of(items) {
    return items[this.below(items.length)];
  }

  /** Returns true with this probability. */
  chance(part) {
    return this.next() < part;
  }

  /** Returns one of the names in `weights`, with a probability proportional to its weight. */
  weighted(weights) {
    const names = Object.keys(weights);
    let left = this.next() * names.reduce((sum, it) => sum + weights[it], 0);
    return names.find((it) => (left -= weights[it]) < 0) ?? names[0];
  }
}

/** Returns a function of `sides` that returns integers from 0 to below that. */
export function dice(seed) {
  const random = new Random(seed);
  return (sides) => random.below(sides);
}

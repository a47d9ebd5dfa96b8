// Random numbers that are the same for the same seed.

export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** From 0 to just below 1 (mulberry32). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number below this. */
  below(end) {
    return Math.floor(this.next() * end);
  }

  /** A whole number from `low` to `high`. */
  between(low, high) {
    return low + this.below(high - low + 1);
  }

  of(items) {
    return items[this.below(items.length)];
  }

  /** True so often. */
  chance(part) {
    return this.next() < part;
  }

  /** One of the names of `weights`, as often as its weight says. */
  weighted(weights) {
    const names = Object.keys(weights);
    let left = this.next() * names.reduce((sum, it) => sum + weights[it], 0);
    return names.find((it) => (left -= weights[it]) < 0) ?? names[0];
  }
}

/** Returns a function that gives whole numbers from 0 to below `sides`. */
export function dice(seed) {
  const random = new Random(seed);
  return (sides) => random.below(sides);
}

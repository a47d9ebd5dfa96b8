// Helper types of the generated types.

/** One of `T`, or a string that Seam adds later. */
export type Open<T extends string> = T | (string & {});

/** An object of a kind that Seam adds later. */
export type Other<T> = T;

/** A moment: ISO 8601, a `Date`, or a `Temporal.Instant`. */
export type Timestamp =
  string | Date | { readonly epochMilliseconds: number; toJSON(): string };

/** `T` with at least one of its members `K`. */
export type AtLeastOne<T, K extends keyof T> = T &
  { [P in K]: { [Q in P]-?: Exclude<T[Q], undefined> } }[K];

/** What `using` needs; empty where the compiler's `lib` has no `Symbol.dispose`. */
export type DisposableIfKnown = {
  [
    Dispose in SymbolConstructor["dispose" & keyof SymbolConstructor]
  ]: () => void;
};

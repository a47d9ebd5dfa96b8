// The names of Rust types.

import { canonical, shape } from "./shape.mjs";

export class Names {
  #taken = new Map();
  #resources = new Map();

  constructor(schemas) {
    for (const [name, schema] of Object.entries(schemas)) {
      const type = pascal(name);
      this.#taken.set(type, name);
      const it = shape(schema);
      const key = canonical(it);
      if (it.is === "object" && !this.#resources.has(key))
        this.#resources.set(key, type);
    }
  }

  /** The resource of exactly this shape. */
  resource(it) {
    return this.#resources.get(canonical(it));
  }

  take(candidates, where) {
    const name = candidates.find((it) => !this.#taken.has(it));
    if (!name)
      throw new Error(`codegen: no name left for ${where}: ${candidates}`);
    this.#taken.set(name, where);
    return name;
  }
}

function words(name) {
  return name.split(/[^a-zA-Z0-9]+/).filter(Boolean);
}

export function pascal(name) {
  return words(name)
    .map((it) => it[0].toUpperCase() + it.slice(1).toLowerCase())
    .join("");
}

/** Joins names: `AccessCodeError` and `error_code` become `AccessCodeErrorCode`. */
export function joined(parent, leaf) {
  const add = pascal(leaf);
  for (let size = Math.min(parent.length, add.length); size > 3; size--) {
    const next = add[size];
    if (parent.endsWith(add.slice(0, size)) && (!next || next < "a"))
      return parent + add.slice(size);
  }
  return parent + add;
}

export function singular(name) {
  return name.replace(/ies$/, "y").replace(/(?<=ss)es$|(?<!s)s$/, "");
}

// The variants of a union: which ones share a struct, and its name.

import { canonical } from "./shape.mjs";

/** Returns the members whose shape differs between variants. */
export function differing(variants) {
  const seen = new Map();
  const differs = new Set();
  for (const { of } of variants)
    for (const [name, field] of Object.entries(of.fields)) {
      const key = canonical(field.shape);
      if ((seen.get(name) ?? key) !== key) differs.add(name);
      seen.set(name, key);
    }
  return differs;
}

/** Returns the required string members that every variant has. */
export function everywhere(variants) {
  return Object.keys(variants[0].of.fields).filter((name) =>
    variants.every(({ of: { fields } }) => {
      const { shape, required } = fields[name] ?? {};
      return required && shape.is === "text" && !shape.nullable;
    }),
  );
}

/** Groups variants of one shape, which share a struct; the largest group first, as it gets the best name. */
export function groups(variants) {
  return [...groupBy(variants, (it) => canonical(it.of))].sort(
    ([, a], [, b]) => b.length - a.length,
  );
}

/** Returns what the tags of a group have in common: whole tags, or the words before a dot. */
export function common(group) {
  const [first, ...others] = group;
  if (others.length === 0) return null;
  if (first.tags.length > 1)
    return first.tags
      .filter((it, at) => others.every(({ tags }) => tags[at] === it))
      .join(".");
  const parts = group.map(({ tags: [tag] }) => tag.split("."));
  const end = parts[0].findIndex((it, at) =>
    parts.some((other) => other[at] !== it),
  );
  return parts[0].slice(0, end).join(".");
}

export function groupBy(items, key) {
  const groups = new Map();
  for (const it of items) {
    const group = groups.get(key(it));
    if (group) group.push(it);
    else groups.set(key(it), [it]);
  }
  return groups;
}

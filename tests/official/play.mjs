// Plays a table of calls with a client, and holds what it gives back against the table.
import assert from "node:assert/strict";

/**
 * `call(by, path, params)` is the client: it gives `{ result }`, or `{ error }` with `status` and
 * `code`. `ids` are the names that are known from the beginning.
 */
export async function play(rows, call, ids) {
  const names = new Map(Object.entries(ids));
  for (const row of rows) {
    const params = resolved(row.params, names);
    const what = `${row.call} ${JSON.stringify(params)}`;
    const { result, error } = await call(row.by ?? "ada", row.call, params);
    if (row.fails) {
      assert.deepEqual([error?.status, error?.code], row.fails, what);
      continue;
    }
    assert.equal(error, undefined, `${what}: ${JSON.stringify(error)}`);
    const about = `${what}: ${JSON.stringify(result)}`;
    if (row.is !== undefined) holds(result, resolved(row.is, names), about);
    const list = at(result, row.hasAt);
    if (row.has !== undefined)
      assert.ok(includes(list, resolved(row.has, names)), about);
    if (row.lacks !== undefined)
      assert.ok(!includes(list, resolved(row.lacks, names)), about);
    for (const [name, path] of Object.entries(row.keep ?? {})) {
      const kept = at(result, path);
      assert.ok(kept, `${about} has no ${path}`);
      names.set(name, kept);
    }
  }
}

/** The value with what stands for names in place of them. */
function resolved(value, names) {
  return JSON.parse(JSON.stringify(value), (_, it) => {
    if (typeof it !== "string" || !it.startsWith("$")) return it;
    const name = it.slice(1);
    assert.ok(names.has(name), `no row before keeps ${it}`);
    return names.get(name);
  });
}

const at = (value, path) =>
  (path?.split(".") ?? []).reduce((inner, name) => inner?.[name], value);

/** Fails unless the value is what is expected, with any other members beside. */
function holds(value, expected, about) {
  if (typeof expected !== "object" || expected === null) {
    assert.equal(value, expected, about);
    return;
  }
  assert.ok(value, about);
  if (Array.isArray(expected))
    assert.equal(value.length, expected.length, about);
  for (const [name, inner] of Object.entries(expected))
    holds(value[name], inner, `${name} in ${about}`);
}

function includes(list, expected) {
  assert.ok(Array.isArray(list), "a list");
  return list.some((it) => {
    try {
      holds(it, expected);
      return true;
    } catch {
      return false;
    }
  });
}

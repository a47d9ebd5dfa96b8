// The form of an answer: its status, and the members of its body with their types.

/** What is different in the form of two answers, each difference as a line. */
export function differences(theirs, ours) {
  const [theirStatus, ourStatus] = [theirs, ours].map(({ status, body }) =>
    `${status} ${body.error?.type ?? ""}`.trim(),
  );
  // Of two answers that say different things, no members can be held against each other.
  if (theirStatus !== ourStatus)
    return [`answers ${theirStatus}, ours ${ourStatus}`];
  const found = [];
  compare(theirs.body, ours.body, "", found);
  return found;
}

function compare(theirs, ours, path, found) {
  const types = [theirs, ours].map(typeOf);
  // What may be null is null where there is nothing; the OpenAPI tells where that is.
  if (types.includes("null")) return;
  if (types[0] !== types[1]) {
    found.push(`${path} is ${types[0]}, ours ${types[1]}`);
  } else if (types[0] === "array") {
    // An empty list tells nothing of what is in it.
    if (theirs.length === 0 || ours.length === 0) return;
    compare(whole(theirs), whole(ours), `${path}[]`, found);
  } else if (types[0] === "object") {
    for (const name of new Set([...names(theirs), ...names(ours)])) {
      const inner = path === "" ? name : `${path}.${name}`;
      if (!Object.hasOwn(ours, name)) found.push(`${inner} is only theirs`);
      else if (!Object.hasOwn(theirs, name))
        found.push(`${inner} is only ours`);
      else compare(theirs[name], ours[name], inner, found);
    }
  }
}

/** One element with the members of all. */
function whole(list) {
  if (typeOf(list[0]) !== "object") return list[0];
  return Object.assign({}, ...list);
}

const names = (value) => Object.keys(value);

function typeOf(value) {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

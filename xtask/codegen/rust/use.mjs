// Rust's `use` lines, as rustfmt writes them.

export function use(path, names) {
  const before = `use ${path}::`;
  return `${before}${braced(names, 99 - before.length)};\n`;
}

/** Returns a list of names as rustfmt writes it in this width. */
function braced(names, width) {
  const list = [...new Set(names)].sort();
  if (list.length === 1) return list[0];
  const line = `{${list.join(", ")}}`;
  if (line.length <= width) return line;
  let text = "{\n   ";
  let column = 3;
  for (const it of list) {
    if (column + it.length + 2 > 100) {
      text += "\n   ";
      column = 3;
    }
    text += ` ${it},`;
    column += it.length + 2;
  }
  return `${text}\n}`;
}

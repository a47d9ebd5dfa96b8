// Splits TypeScript, JavaScript or Rust into identifiers, strings and punctuation, without comments.
//
// A full parser is not needed to find imports and names, and TypeScript's own has no programming
// interface in the version of this repository.

/** @typedef {{ type: "identifier" | "string" | "punctuation", value: string, line: number }} Token */

const IDENTIFIER = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER = /[0-9][0-9A-Za-z_]*/y;
const LINE_STRING = /(["'])((?:\\[^]|(?!\1)[^\\\n])*)\1/y;

// Rust's strings may go over several lines; a quote of its own may begin a lifetime.
const RUST_STRING = /b?"((?:\\[^]|[^"\\])*)"/y;
const RUST_RAW_STRING = /b?r(#*)"([^]*?)"\1/y;
const RUST_CHARACTER = /b?'(\\[^\n]+?|[^'\\\n])'/uy;

const REGULAR_EXPRESSION =
  /\/(?![*/])(?:\\[^\n]|\[(?:\\[^\n]|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
/** What may stand before a regular expression, and never before a division. */
const BEFORE_EXPRESSION = new Set([
  ..."=([{,;:!&|?+-*%^~>",
  ..."return typeof case in of void delete await yield do else".split(" "),
]);

/**
 * Returns the tokens of a file.
 *
 * @param {string} text
 * @param {"typescript" | "rust"} language
 * @returns {Token[]}
 */
export function tokens(text, language) {
  const found = /** @type {Token[]} */ ([]);
  /** For each open `${` the number of braces that are open inside. */
  const templates = /** @type {number[]} */ ([]);
  let at = 0;
  let line = 1;

  const match = (pattern) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const skip = (length) => {
    for (const end = at + length; at < end; at += 1) {
      if (text[at] === "\n") line += 1;
    }
  };
  const add = (type, value, length) => {
    found.push({ type, value, line });
    skip(length);
  };

  /** From behind a template's opening quote, or the end of a `${}`, to the next `${` or its end. */
  const template = () => {
    const start = at;
    while (at < text.length) {
      if (text[at] === "`") {
        add("string", text.slice(start, at), 1);
        return;
      }
      if (text.startsWith("${", at)) {
        add("string", text.slice(start, at), 2);
        templates.push(0);
        return;
      }
      skip(text[at] === "\\" ? 2 : 1);
    }
  };

  const typescript = () => {
    const string = match(LINE_STRING);
    if (string) return add("string", string[2], string[0].length);
    if (text[at] === "`") {
      skip(1);
      return template();
    }
    const last = found.at(-1);
    const mayBeExpression =
      last === undefined ||
      (last.type !== "string" && BEFORE_EXPRESSION.has(last.value));
    const expression =
      text[at] === "/" && mayBeExpression && match(REGULAR_EXPRESSION);
    if (expression) return add("string", expression[0], expression[0].length);
    const open = templates.length - 1;
    if (open >= 0 && text[at] === "{") templates[open] += 1;
    if (open >= 0 && text[at] === "}") {
      if (templates[open] === 0) {
        templates.pop();
        skip(1);
        return template();
      }
      templates[open] -= 1;
    }
    return common();
  };

  const rust = () => {
    const raw = match(RUST_RAW_STRING);
    if (raw) return add("string", raw[2], raw[0].length);
    const string = match(RUST_STRING) ?? match(RUST_CHARACTER);
    if (string) return add("string", string[1], string[0].length);
    return common();
  };

  const common = () => {
    const identifier = match(IDENTIFIER);
    if (identifier) {
      return add("identifier", identifier[0], identifier[0].length);
    }
    const number = match(NUMBER);
    if (number) return skip(number[0].length);
    return add("punctuation", text[at], 1);
  };

  while (at < text.length) {
    if (/\s/.test(text[at])) {
      skip(1);
    } else if (text.startsWith("//", at)) {
      const end = text.indexOf("\n", at);
      skip((end < 0 ? text.length : end) - at);
    } else if (text.startsWith("/*", at)) {
      skip(commentLength(text, at, language === "rust"));
    } else if (language === "rust") {
      rust();
    } else {
      typescript();
    }
  }
  return found;
}

function commentLength(text, start, isNested) {
  let depth = 1;
  let at = start + 2;
  while (at < text.length && depth > 0) {
    if (text.startsWith("*/", at)) {
      depth -= 1;
      at += 2;
    } else if (isNested && text.startsWith("/*", at)) {
      depth += 1;
      at += 2;
    } else {
      at += 1;
    }
  }
  return at - start;
}

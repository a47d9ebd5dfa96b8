// Documentation comments in TypeScript.
import { camel } from "./names.mjs";
import { withRoutes } from "./descriptions.mjs";

const WIDTH = 96;

/**
 * Returns a documentation comment of these paragraphs and tags, or "" if there are none. A
 * paragraph that is a list of lines is kept as it is.
 */
export function comment(paragraphs, tags = []) {
  const blocks = paragraphs.filter((it) => it?.length > 0).map(lines);
  if (tags.length > 0) blocks.push(tags.flatMap(lines));
  if (blocks.length === 0) return "";
  const text = blocks.flatMap((block, nth) =>
    nth === 0 ? block : ["", ...block],
  );
  if (text.length === 1) return `/** ${text[0]} */\n`;
  return `/**\n${text.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */\n`;
}

/** Returns the paragraph in lines of limited width. */
function lines(paragraph) {
  if (Array.isArray(paragraph)) return paragraph;
  const wrapped = [""];
  const text = withRoutes(paragraph, (path) => `\`seam${method(path)}\``);
  for (const word of text.split(" ")) {
    const last = wrapped.at(-1);
    if (last && last.length + 1 + word.length > WIDTH) wrapped.push(word);
    else wrapped[wrapped.length - 1] = last ? `${last} ${word}` : word;
  }
  return wrapped;
}

/** `/access_codes/list` as `.accessCodes.list`. */
function method(path) {
  return camel(path.replaceAll("/", "."));
}

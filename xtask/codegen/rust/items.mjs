// The Rust items of one module.

import { joined, pascal, singular } from "./names.mjs";
import { canonical, shape } from "./shape.mjs";
import { use } from "./use.mjs";
import { common, differing, everywhere, groups } from "./variants.mjs";

/** Members that grant access, which `Debug` hides. */
const SECRETS = new Set(["client_session.token", "webhook.secret"]);

export class Items {
  #names;
  #module;
  #items = [];
  #known = new Map();
  #used = new Set();

  constructor(names, module) {
    this.#names = names;
    this.#module = module;
  }

  resource(name, schema) {
    const it = shape(schema);
    const route = schema["x-route-path"];
    const doc = `\`${name}\`${route ? `, of \`${route}\`` : ""}.`;
    if (it.is === "object") this.#object(pascal(name), it, name, doc);
    else this.#union(pascal(name), it, name, doc);
  }

  /** The Rust type of a member, and whatever items it needs. */
  #type({ nullable, ...it }, parent, leaf, path, fallback, boxed = false) {
    const plain = this.#plainType(it, parent, leaf, path, fallback);
    // A member that most things lack shall not take the room of one.
    const type = boxed && it.is === "object" ? `Box<${plain}>` : plain;
    if (!nullable) return type;
    this.#used.add("Nullable");
    return `Nullable<${type}>`;
  }

  #plainType(it, parent, leaf, path, fallback) {
    switch (it.is) {
      case "text":
        if (!SECRETS.has(path)) return "String";
        this.#used.add("Secret");
        return "Secret";
      case "bool":
        return "bool";
      case "number":
        this.#used.add("Number");
        return "Number";
      case "map":
        return "Map<String, Value>";
      case "any":
        return "Value";
      case "resource":
        return this.#resourceType(pascal(it.name));
      case "list":
        return `Vec<${this.#type(it.of, parent, singular(leaf), `${path}[]`, fallback)}>`;
      default:
        return this.#named(it, parent, leaf, path, fallback);
    }
  }

  #resourceType(type) {
    this.#used.add(type);
    return type;
  }

  #named(it, parent, leaf, path, fallback) {
    const resource = this.#names.resource(it);
    if (resource) return this.#resourceType(resource);
    const key = `${leaf} ${canonical(it)}`;
    const known = this.#known.get(key);
    if (known) return known;
    const type = this.#names.take(
      [parent, ...(fallback ? [fallback] : [])].flatMap((it) => [
        joined(it, leaf),
        it + pascal(leaf),
      ]),
      path,
    );
    this.#known.set(key, type);
    const doc = `\`${path}\`.`;
    if (it.is === "choice") this.#choice(type, it, doc);
    else if (it.is === "object") this.#object(type, it, path, doc);
    else this.#union(type, it, path, doc);
    return type;
  }

  #choice(type, { values }, doc) {
    const variants = values.map(
      (it) => `        ${pascal(it)} = ${JSON.stringify(it)},\n`,
    );
    this.#push("open_enum", type, doc, variants);
  }

  #object(type, { fields }, path, doc, owner) {
    const position = this.#items.length;
    const lines = Object.entries(fields).map(([name, field]) => {
      const shared = owner && !owner.differs.has(name);
      const inner = this.#type(
        field.shape,
        shared ? owner.type : type,
        name,
        `${path}.${name}`,
        type,
        !field.required,
      );
      const rust = field.required ? inner : `Option<${inner}>`;
      const notes = field["#note"]
        ? ` = ${JSON.stringify(field["#note"])}`
        : "";
      return `        ${member(name)}: ${rust}${notes},\n`;
    });
    this.#push("object", type, doc, lines, position);
  }

  #union(type, { tags, variants }, path, doc) {
    const position = this.#items.length;
    const owner = { type, differs: differing(variants) };
    const payloads = new Map();
    for (const [key, group] of groups(variants)) {
      const labels = group.map((it) => `\`${it.tags.join(" ")}\``);
      if (labels.length > 4)
        labels.splice(3, Infinity, `${labels.length - 3} more`);
      const candidates = [common(group), group[0].tags.join(".")];
      const name = this.#names.take(
        candidates.filter(Boolean).map((it) => type + pascal(it)),
        path,
      );
      payloads.set(key, name);
      const where = `Of \`${path}\`: ${labels.join(", ")}.`;
      this.#object(name, group[0].of, path, where, owner);
    }
    const lines = variants.map(({ tags, of }) => {
      const values = tags.map((it) => JSON.stringify(it)).join(", ");
      return `        ${pascal(tags.join("."))}(${payloads.get(canonical(of))}) = [${values}],\n`;
    });
    const head = `${type} by ${tags.join(", ")} having [${everywhere(variants).join(", ")}]`;
    this.#push("union", head, doc, lines, position);
  }

  #push(macro, head, doc, lines, position = this.#items.length) {
    const text = `${macro}! {\n    /// ${doc}\n    ${head} {\n${lines.join("")}    }\n}\n`;
    this.#items.splice(position, 0, text);
  }

  text(members) {
    const body = this.#items.join("\n");
    const own = new Set(members.map(pascal));
    const has = (it) => new RegExp(`\\b${it}`).test(body);
    const macros = ["object!", "open_enum!", "union!"].filter(has);
    const local = [
      ...[...this.#used].filter((it) => it !== "Secret" && it !== "Number"),
      ...macros.map((it) => it.slice(0, -1)),
    ].filter((it) => !own.has(it));
    const json = ["Map<", "Value"].filter(has).map((it) => it.replace("<", ""));
    if (this.#used.has("Number")) json.push("Number");
    const uses = [
      json.length > 0 ? `${use("serde_json", json)}\n` : "",
      this.#used.has("Secret") ? "use crate::Secret;\n" : "",
      use("crate::resources", local),
    ].join("");
    return `//! The resources under \`/${this.#module}\`.\n\n${uses}\n${body}`;
  }
}

/** Returns a member's name in Rust, and its name in JSON if that is another. */
function member(name) {
  if (!/^[a-z_][a-z0-9_]*$/.test(name) || ["other", "self"].includes(name))
    throw new Error(`codegen: a member of no usable name: ${name}`);
  const rust = name === "type" ? "r#type" : name.replace(/^_/, "");
  return rust === name ? name : `${rust} as ${JSON.stringify(name)}`;
}

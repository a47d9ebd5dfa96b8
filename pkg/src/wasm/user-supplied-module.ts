import { build } from "client-build";

import { invalidOptions } from "../core/error-factory.js";
import { readFile } from "./read-file.js";

/**
 * A `WebAssembly.Module`, also where TypeScript does not know it. TypeScript's own is empty, so
 * that even a number is assignable.
 */
export type WasmModule = object &
  (typeof globalThis extends {
    WebAssembly: { Module: { prototype: infer Module } };
  }
    ? Module
    : unknown);

/**
 * The module `seam-session/client.wasm`: its bytes, compiled, a response with it, or its URL. A
 * string is a URL, in a page relative to it.
 */
export type WasmSource =
  ArrayBuffer | ArrayBufferView | WasmModule | Response | URL | string;

const SET_WASM_HINT =
  "give setWasm the bytes of seam-session/client.wasm, a WebAssembly.Module, a Response or a URL";

let supplied: PromiseLike<unknown> | undefined;

/**
 * Sets the WebAssembly module, which this entry does not contain. It is loaded by the first
 * request, which also reports errors. Once it is loaded, another one has no effect.
 *
 * @throws {SeamHttpInvalidOptionsError} The source is none of these.
 */
export function setWasm(source: WasmSource | PromiseLike<WasmSource>): void {
  const isPromise =
    typeof (source as PromiseLike<unknown> | undefined)?.then === "function";
  if (!isPromise && kindOf(source) === undefined)
    throw invalidOptions(SET_WASM_HINT);
  supplied = Promise.resolve(source);
  // A download that fails before the first request is reported by that.
  supplied.then(undefined, () => {});
}

/**
 * Compiles the module that was set.
 *
 * @internal Its type needs what a server's TypeScript may not know.
 */
export async function compile(): Promise<WebAssembly.Module> {
  if (supplied === undefined) {
    throw new TypeError(`seam-session/slim carries none: ${SET_WASM_HINT}`);
  }
  const source = await supplied;
  const kind = kindOf(source);
  if (kind === undefined) {
    throw new TypeError(`what setWasm was promised is none: ${SET_WASM_HINT}`);
  }
  const module = await LOAD[kind](source as never);
  const [section] = WebAssembly.Module.customSections(module, "seam-session");
  const found = section && new TextDecoder().decode(section);
  if (found !== build) {
    throw new TypeError(
      `this script is of build ${build} and the module ${found === undefined ? "is not seam-session/client.wasm" : `of ${found}`}: take both from one package`,
    );
  }
  return module;
}

const LOAD = {
  module: (module: WebAssembly.Module) => Promise.resolve(module),
  bytes: (bytes: BufferSource) => WebAssembly.compile(bytes),
  response,
  url,
};

/** Not by `instanceof`: objects of another realm are accepted. */
function kindOf(source: unknown): keyof typeof LOAD | undefined {
  const tag = Object.prototype.toString.call(source).slice(8, -1);
  if (tag === "WebAssembly.Module") return "module";
  if (tag === "ArrayBuffer" || ArrayBuffer.isView(source)) return "bytes";
  if (tag === "Response") return "response";
  if (tag === "URL" || typeof source === "string") return "url";
  return undefined;
}

/** Not as a stream, which would need the right content type and save nothing at this size. */
async function response(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) {
    throw new TypeError(
      `the server answered with status ${response.status}, not with the module`,
    );
  }
  if (response.bodyUsed) {
    throw new TypeError("the Response has been read already: give a new one");
  }
  return WebAssembly.compile(await response.arrayBuffer());
}

async function url(url: URL | string): Promise<WebAssembly.Module> {
  const at = absolute(url);
  // Node's `fetch` does not read files.
  const bytes = at.protocol === "file:" ? await readFile(at) : undefined;
  return bytes === undefined
    ? response(await fetch(at))
    : WebAssembly.compile(bytes);
}

function absolute(url: URL | string): URL {
  try {
    return new URL(url, globalThis.location?.href);
  } catch {
    throw new TypeError(
      `"${url}" is no whole URL, and there is no page that it is relative to`,
    );
  }
}

// Whatever a caller's fetch throws, and in whatever form it contains the token, the error of the
// call contains no part of it: not the whole, cut short, split or percent-encoded.
import assert from "node:assert/strict";
import { test } from "node:test";

import { allTextOf, rejected } from "../support/errors.mjs";
import { Seam } from "../support/installed.mjs";

const TOKEN = "seam_cst1Q7xWv9Lk_Zt4Rb8Yn2Mc6Hd3Js5Fg1Kp0Wq";
/** The part of it that is nothing but secret. */
const SECRET = TOKEN.slice(TOKEN.lastIndexOf("_") + 1);

/** So many characters of the secret, one after the other, are a part of it. */
const PART = 8;

const encoded = (text, write) =>
  [...text]
    .map((char) => `%${write(char.charCodeAt(0).toString(16))}`)
    .join("");
const half = TOKEN.length / 2;

/** The token as it may come to be in a text. */
const FORMS = {
  "as it is": TOKEN,
  "in a header": `{"authorization":"Bearer ${TOKEN}"}`,
  "in a URL": `https://seam.test/?key=${TOKEN}&x=1`,
  "twice, without anything between": TOKEN + TOKEN,
  "without its beginning": `...${TOKEN.slice(-16)}`,
  "without its end": `${TOKEN.slice(0, -8)}...`,
  "its middle": `...${SECRET.slice(4, 20)}...`,
  "in two lines": `${TOKEN.slice(0, half)}\n${TOKEN.slice(half)}`,
  "in two strings": `"${TOKEN.slice(0, half)}" + "${TOKEN.slice(half)}"`,
  "in four pieces": TOKEN.match(/.{1,11}/g).join(", "),
  "percent-encoded": encoded(TOKEN, (hex) => hex.toUpperCase()),
  "percent-encoded in small letters": encoded(TOKEN, (hex) => hex),
  "percent-encoded in part": TOKEN.replaceAll("t", "%74").replace("_", "%5F"),
};

const aggregate = (text) =>
  new AggregateError([new Error(text), text], text, {
    cause: new AggregateError([new Error(text)], text),
  });
const nested = (text, depth) =>
  depth === 0
    ? text
    : new TypeError(`failed ${depth}: ${text}`, {
        cause: nested(text, depth - 1),
      });
const withStack = (text) => {
  const error = new Error("failed");
  error.stack = `Error: ${text}\n    at ${text} (file:///${text}.js:1:1)`;
  return error;
};

/** What a fetch may throw with such a text. */
const THROWN = {
  "a string": (text) => text,
  "an error": (text) => new Error(`failed with ${text}`),
  "an error of that name and code": (text) =>
    Object.assign(new Error("failed"), { name: text, code: text }),
  "an error with that stack": withStack,
  "causes in causes": (text) => nested(text, 6),
  "an AggregateError": aggregate,
  "an error that carries the request": (text) =>
    Object.assign(new Error("failed"), {
      request: { headers: { authorization: text } },
      config: text,
      [Symbol("token")]: text,
      [text]: text,
    }),
  "an object with a message": (text) => ({ message: text, cause: text }),
  "an error whose texts come from accessors": (text) => ({
    get message() {
      return text;
    },
    get name() {
      return text;
    },
    get code() {
      return text;
    },
    get cause() {
      return new Error(text);
    },
  }),
  "a DOMException": (text) => new DOMException(text, text),
  "an error that is its own cause": (text) => {
    const error = new Error(text);
    error.cause = error;
    return error;
  },
  "an error that shows itself": (text) =>
    Object.assign(new Error("failed"), {
      toJSON: () => text,
      toString: () => text,
      [Symbol.for("nodejs.util.inspect.custom")]: () => text,
    }),
};

/** Where the caller's code may throw. */
const PLACES = {
  "fetch throws": (thrown) => () => {
    throw thrown;
  },
  "fetch rejects with": (thrown) => () => Promise.reject(thrown),
  "the body rejects with": (thrown) => async () => ({
    status: 200,
    headers: new Headers(),
    text: () => Promise.reject(thrown),
  }),
};

/** A text as it is, and as it is once it is decoded. */
function readings(text) {
  const decoded = text.replace(/%([\da-f]{2})/gi, (_, hex) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return [text, decoded];
}

function checkNoPart(error, what) {
  const shown = allTextOf(error);
  for (const text of readings(shown)) {
    for (let at = 0; at + PART <= SECRET.length; at += 1) {
      const part = SECRET.slice(at, at + PART);
      assert.ok(!text.includes(part), `${what}: ${part} in ${text}`);
    }
  }
}

for (const [form, text] of Object.entries(FORMS)) {
  test(`no error contains a part of a token that was thrown ${form}`, async () => {
    for (const [kind, make] of Object.entries(THROWN)) {
      for (const [place, fetchOf] of Object.entries(PLACES)) {
        const seam = Seam.fromClientSessionToken(TOKEN, {
          endpoint: "https://seam.test",
          fetch: fetchOf(make(text)),
          maxRetries: 0,
        });
        const error = await rejected(seam.devices.list());
        const what = `${place} ${kind}`;
        assert.equal(error.code, "network_error", what);
        assert.equal(error.outcome, "unknown", what);
        checkNoPart(error, what);
      }
    }
  });
}

test("the error of a watched list contains no part of a token either", async (t) => {
  for (const [form, text] of Object.entries(FORMS)) {
    const seam = Seam.fromClientSessionToken(TOKEN, {
      endpoint: "https://seam.test",
      fetch: () => Promise.reject(nested(text, 3)),
      maxRetries: 0,
    });
    const list = seam.devices.watch();
    t.after(list.close);
    await list.refresh();
    assert.equal(list.status.state, "stale", form);
    checkNoPart(list.status.reason, form);
    list.close();
  }
});

test("a token with characters that a URL encodes is redacted like any other", async () => {
  const token = "seam_cst1Q7xWv9Lk_Zt4R+b8Yn2/Mc6Hd3=Js5Fg.1Kp0Wq8Vb4Nm6";
  for (const text of [token, encodeURIComponent(token), encodeURI(token)]) {
    const error = await rejected(
      Seam.fromClientSessionToken(token, {
        endpoint: "https://seam.test",
        fetch: () => Promise.reject(nested(`https://seam.test/?k=${text}`, 2)),
        maxRetries: 0,
      }).devices.list(),
    );
    assert.equal(error.code, "network_error");
    const shown = allTextOf(error);
    for (const part of ["Zt4R", "b8Yn2", "Mc6Hd3", "Js5Fg", "1Kp0Wq8Vb4Nm6"]) {
      assert.ok(!shown.includes(part), `${part} in ${shown}`);
    }
  }
});

test("an error thrown by fetch stays readable without the token", async () => {
  const cause = new Error(`connect ECONNREFUSED 127.0.0.1:9 (${TOKEN})`);
  const error = await rejected(
    Seam.fromClientSessionToken(TOKEN, {
      endpoint: "https://seam.test",
      maxRetries: 0,
      fetch: async () => {
        throw Object.assign(new TypeError("fetch failed", { cause }), {
          code: "UND_ERR_CONNECT_TIMEOUT",
        });
      },
    }).devices.list(),
  );
  assert.equal(error.cause.name, "TypeError");
  assert.equal(error.cause.message, "fetch failed");
  assert.equal(error.cause.code, "UND_ERR_CONNECT_TIMEOUT");
  assert.match(
    error.cause.cause.message,
    /^connect ECONNREFUSED 127\.0\.0\.1:9/,
  );
  checkNoPart(error, "the whole error");
});

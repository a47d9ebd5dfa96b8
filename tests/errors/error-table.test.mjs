// The table of errors in docs/errors.md: it is complete, and each row is true.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { ancestors, classes, ownCodes } from "../../xtask/codegen/errors.mjs";
import { rejected, thrownBy } from "../support/errors.mjs";
import { installTrap } from "../support/force-trap.mjs";
import { client, entry, Sandbox, Seam } from "../support/installed.mjs";

const TOKEN = "seam_cst1a_b";
const ATTEMPT = { action_attempt_id: "a-1", status: "pending" };

/** A client session's client whose requests `answer` answers; others may be given. */
const seamWith = (answer, options = {}, Client = Seam) =>
  new Client({
    clientSessionToken: TOKEN,
    maxRetries: 0,
    fetch: async (request) => answer(request),
    ...options,
  });

const unsent = (options) => seamWith(() => assert.fail("it was sent"), options);

const refusal = (status, type) => () =>
  Response.json({ error: { type, message: "m" } }, { status });

const sessionOf = (user_identity_id) => () =>
  Response.json({
    client_session: { client_session_id: "s", user_identity_id },
  });

const devices = (answer, options) => seamWith(answer, options).devices.list();

/** What ends the wait for an action attempt when a poll is answered so. */
const lostTo = (answer, wait = { timeout: 1_000, pollingInterval: 1 }) =>
  seamWith((request) =>
    request.url.endsWith("/locks/unlock_door")
      ? Response.json({ action_attempt: ATTEMPT, ok: true })
      : answer(),
  ).locks.unlockDoor({ device_id: "d" }, { waitForActionAttempt: wait });

const failedAttempt = (error) =>
  seamWith(() =>
    Response.json({ action_attempt: { ...ATTEMPT, status: "error", error } }),
  ).locks.lockDoor({ device_id: "d" });

/** One that knows its scope, without a device; `look` answers when one is looked for. */
async function scoped(look) {
  const seam = seamWith(
    (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/devices/get") return look();
      if (pathname === "/client_sessions/get") {
        return Response.json({ client_session: { client_session_id: "s" } });
      }
      assert.equal(pathname, "/devices/list");
      return Response.json({ devices: [], pagination: {} });
    },
    { checkScope: true },
  );
  await seam.scope();
  return { seam };
}

/** A copy of the client that has loaded no module yet. */
let copies = 0;
const freshCopy = async () =>
  (await import(`${entry("seam-session")}?errors=${(copies += 1)}`)).Seam;

/** The real ways to each row: by class, code and outcome. */
const SCENARIOS = {
  "SeamHttpInvalidTokenError invalid_token not_sent": () =>
    Seam.fromClientSessionToken("seam_pk1_x"),
  "SeamHttpInvalidTokenError no_token not_sent": () =>
    unsent({ clientSessionToken: () => Promise.reject("no") }).devices.list(),
  "SeamHttpInvalidTokenError no_token refused": async () => {
    let asked = 0;
    let refuses = false;
    const seam = seamWith(
      ({ url }) =>
        refuses
          ? refusal(401, "client_session_expired")()
          : url.endsWith("/devices/list")
            ? Response.json({ devices: [] })
            : Response.json({ client_session: {} }),
      { clientSessionToken: () => ((asked += 1) === 1 ? TOKEN : "") },
    );
    await seam.devices.list();
    refuses = true;
    return seam.devices.list();
  },
  "SeamHttpInvalidOptionsError invalid_options not_sent": () =>
    Seam.fromClientSessionToken(TOKEN, { maxRetries: -1 }),
  "SeamHttpInvalidOptionsError invalid_endpoint not_sent": () =>
    unsent({ endpoint: "http://seam.test" }).devices.list(),
  "SeamHttpInvalidOptionsError missing_global not_sent": () =>
    without("Headers", () => unsent().devices.list()),
  "SeamHttpInvalidOptionsError request_not_built not_sent": () =>
    replaced("Request", Refusing, () => unsent().devices.list()),
  "SeamHttpInvalidOptionsError invalid_path not_sent": () =>
    unsent().request("//evil.test"),
  "SeamHttpInvalidOptionsError invalid_parameters not_sent": () =>
    unsent().locks.unlockDoor({ device_id: 1n }),
  "SeamHttpInvalidOptionsError invalid_fetch unknown": () =>
    devices(() => "no response"),
  "SeamHttpInvalidOptionsError credential_not_accepted not_sent": () =>
    unsent().userIdentities.create(),
  "SeamHttpInvalidOptionsError key_in_browser not_sent": () => {
    Object.assign(globalThis, { window: {}, document: {} });
    try {
      return Seam.fromApiKey("seam_a_b");
    } finally {
      delete globalThis.window;
      delete globalThis.document;
    }
  },
  "SeamHttpInvalidOptionsError no_pagination not_sent": () => {
    const seam = unsent();
    return seam.createPaginator(seam.locks.list());
  },
  "UnserializableParamError invalid_parameters not_sent": () =>
    unsent().devices.list({ limit: NaN }),
  "TypeError invalid_parameters not_sent": () => unsent().locks.unlockDoor({}),
  "SeamHttpNetworkError network_error unknown": () =>
    devices(() => Promise.reject(new TypeError("gone"))),
  "SeamHttpNetworkError timeout unknown": () =>
    devices(() => new Promise(() => {}), { timeout: 5 }),
  "SeamHttpNetworkError too_late not_sent": async (t) => {
    const { now } = Date;
    let asked = 0;
    // The clock stands at the call first, and eleven seconds later from then on.
    const clock = t.mock.method(Date, "now", () =>
      (asked += 1) === 1 ? now() : now() + 11_000,
    );
    try {
      return await unsent().locks.unlockDoor({ device_id: "d" });
    } finally {
      clock.mock.restore();
    }
  },
  "SeamHttpInvalidTokenError wrong_user not_sent": () =>
    seamWith(sessionOf("other"), { userIdentityId: "u" }).devices.list(),
  "SeamSignedOutError signed_out not_sent": () =>
    Seam.fromClientSessionToken(() => null, {
      endpoint: "https://seam.test",
      fetch: assert.fail,
    }).devices.list(),
  "SeamSignedOutError signed_out refused": async () => {
    let asked = 0;
    const token = () => ((asked += 1) === 1 ? "seam_cst1c_d" : null);
    const seam = Seam.fromClientSessionToken(token, {
      endpoint: "https://seam.test",
      fetch: async (request) =>
        request.url.endsWith("/client_sessions/get")
          ? sessionOf("u")()
          : refusal(401, "client_session_revoked")(),
    });
    await seam.clientSessions.get();
    return seam.devices.list();
  },
  "SeamHttpApiError device_not_found refused": () =>
    devices(refusal(404, "device_not_found")),
  "SeamHttpApiError internal_server_error unknown": () =>
    devices(refusal(500, "internal_server_error")),
  "SeamHttpUnauthorizedError unauthorized refused": () =>
    devices(refusal(401, "client_session_expired")),
  "SeamHttpUnauthorizedError unauthorized unknown": () =>
    lostTo(refusal(401, "client_session_revoked")),
  "SeamHttpInvalidInputError invalid_input refused": () =>
    devices(refusal(400, "invalid_input")),
  "SeamHttpInvalidInputError invalid_input unknown": () =>
    lostTo(refusal(400, "invalid_input")),
  "SeamHttpInvalidResponseError invalid_response refused": () =>
    devices(() => new Response("not found", { status: 404 })),
  "SeamHttpInvalidResponseError invalid_response unknown": () =>
    devices(() => new Response("<html>")),
  "SeamHttpInvalidResponseError redirected unknown": () =>
    devices(() => new Response(null, { status: 307 })),
  "SeamOutOfScopeError out_of_scope not_sent": async () => {
    const { seam } = await scoped(refusal(404, "device_not_found"));
    return seam.locks.unlockDoor({ device_id: "d" });
  },
  "SeamOutOfScopeError session_changed not_sent": async () => {
    let update;
    const { seam } = await scoped(async () => {
      update = seam.updateClientSessionToken("seam_cst1c_d");
      await update;
      return Response.json({ device: { device_id: "d" } });
    });
    const error = await rejected(seam.locks.unlockDoor({ device_id: "d" }));
    await update;
    throw error;
  },
  "SeamActionAttemptFailedError action_attempt_failed unknown": () =>
    failedAttempt(null),
  "SeamActionAttemptTimeoutError action_attempt_timeout unknown": () =>
    lostTo(() => assert.fail("it was asked"), { timeout: 0 }),
  "SeamWasmError wasm_unavailable not_sent": async (t) => {
    const Fresh = await freshCopy();
    const compile = t.mock.method(WebAssembly, "Module", () => {
      throw new WebAssembly.CompileError("forbidden");
    });
    try {
      return await seamWith(assert.fail, {}, Fresh).devices.list();
    } finally {
      compile.mock.restore();
    }
  },
  "SeamWasmError client_crashed not_sent": () =>
    crash((control, Fresh) => {
      control.armed = true;
      return seamWith(assert.fail, {}, Fresh).devices.list();
    }),
  "SeamWasmError client_crashed unknown": () =>
    crash((control, Fresh) =>
      seamWith(
        () => {
          control.armed = true;
          return Response.json({ devices: [], ok: true });
        },
        {},
        Fresh,
      ).devices.list(),
    ),
  "SeamWasmError sandbox_crashed not_sent": () =>
    crash(async (control) => {
      const sandbox = await Sandbox.create();
      control.armed = true;
      assert.throws(() => sandbox.state());
      return sandbox.state();
    }),
  "SeamWasmError sandbox_crashed unknown": () =>
    crash(async (control) => {
      const sandbox = await Sandbox.create();
      control.armed = true;
      return sandbox.fetch(`${sandbox.info.endpoint}/devices/list`);
    }),
};

/** Gives `run` a copy whose module traps when it is entered next once it is armed. */
async function crash(run) {
  const { Instance } = WebAssembly;
  try {
    return await run(installTrap(globalThis), await freshCopy());
  } finally {
    WebAssembly.Instance = Instance;
  }
}

/** A realm's own that takes nothing. */
class Refusing {
  constructor() {
    throw new TypeError("no request is taken here");
  }
}

/** Runs `run` while a global is missing. */
async function without(name, run) {
  const own = Object.getOwnPropertyDescriptor(globalThis, name);
  delete globalThis[name];
  try {
    return await run();
  } finally {
    Object.defineProperty(globalThis, name, own);
  }
}

/** Runs `run` while a global is another. */
async function replaced(name, value, run) {
  const own = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { ...own, value });
  try {
    return await run();
  } finally {
    Object.defineProperty(globalThis, name, own);
  }
}

/** Each row, once for each outcome that it may have. */
const ROWS = classes.flatMap((it) =>
  it.errors.flatMap(({ code, outcomes }) =>
    outcomes.map((outcome) => ({ it, code, outcome })),
  ),
);

test("every error of the table is thrown, as the table says, and no other is tried", async (t) => {
  const left = new Set(Object.keys(SCENARIOS));
  for (const { it, code, outcome } of ROWS) {
    const name = [...left].find((key) => {
      const [type, itsCode, itsOutcome] = key.split(" ");
      return (
        type === it.class &&
        itsOutcome === outcome &&
        (code === null || code === itsCode)
      );
    });
    assert.ok(name, `no scenario for ${it.class} ${code} ${outcome}`);
    left.delete(name);
    await t.test(name, async (t) => {
      const error = await thrownBy(() => SCENARIOS[name](t));
      assert.equal(error.name, it.class, error.stack);
      assert.equal(error.code, name.split(" ")[1]);
      assert.equal(error.outcome, outcome);
      assert.ok(error.message);
      for (const type of [it.class, ...ancestors(it)]) {
        assert.ok(error instanceof (client[type] ?? globalThis[type]), type);
      }
      const others = classes.filter(
        (other) => other !== it && !ancestors(it).includes(other.class),
      );
      for (const { class: type } of others) {
        assert.ok(!(error instanceof (client[type] ?? globalThis[type])), type);
      }
    });
  }
  assert.deepEqual([...left], []);
});

test("a failed action attempt gives the error its code", async () => {
  const error = await rejected(failedAttempt({ type: "jammed", message: "m" }));
  assert.ok(error instanceof client.SeamActionAttemptFailedError);
  assert.equal(error.code, "jammed");
});

test("each exported error class is in the table, or is a base class of one that is", () => {
  const known = new Set(classes.flatMap((it) => [it.class, ...ancestors(it)]));
  const exported = Object.entries(client).filter(([, value]) =>
    Object.prototype.isPrototypeOf.call(Error, value),
  );
  assert.ok(exported.length > 10);
  for (const [name] of exported) assert.ok(known.has(name), name);
});

test("the sources and the table have the same error codes", () => {
  const found = new Set([...codesInRust(), ...codesInTypeScript()]);
  assert.deepEqual([...found].sort(), ownCodes());
});

function* codesInRust() {
  for (const text of sources("src", ".rs")) {
    const code = text.split("#[cfg(test)]")[0];
    // What follows a class, or begins what takes one implicitly.
    const literals =
      /(?:ErrorClass::\w+,|invalid_options\(|Error::new\(\s*class,|Cow::Borrowed\()\s*"([a-z_]+)"/g;
    for (const [, literal] of code.matchAll(literals)) yield literal;
  }
}

function* codesInTypeScript() {
  for (const source of sources("pkg/src", ".ts")) {
    // A declared type says which codes a class can have, and throws none.
    const text = source.replaceAll(/declare readonly code: [^;]+;/g, "");
    for (const [, literal] of text.matchAll(/\bcode ?[:=] "([a-z_]+)"/g)) {
      yield literal;
    }
    for (const [, literal] of text.matchAll(
      /ErrorClass\.\w+,\s*"([a-z_]+)"/g,
    )) {
      yield literal;
    }
    // The last of several arguments.
    const calls = /invalid(?:Options|Token)\(([^;]*?)\);/g;
    for (const [, args] of text.matchAll(calls)) {
      const literal = /,\s*"([a-z_]+)",?\s*$/.exec(args)?.[1];
      if (literal !== undefined) yield literal;
    }
  }
}

/** The texts of the files below `folder`, but for generated ones and tests. */
function sources(folder, extension) {
  const root = new URL(`../../${folder}/`, import.meta.url);
  return readdirSync(root, { recursive: true })
    .filter((file) => file.endsWith(extension))
    .filter((file) => !/generated|tests\.rs/.test(file))
    .map((file) => readFileSync(new URL(file, root), "utf8"));
}

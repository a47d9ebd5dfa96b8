// The sandbox's server: it keeps running whatever a client does, and shuts down cleanly.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";

import { killOnExit } from "../support/children.mjs";
import { folder } from "../support/installed.mjs";
import { command, startSandbox, started } from "../support/sandbox.mjs";
import { waitUntil } from "../support/waiting.mjs";

const port = ({ endpoint }) => Number(new URL(endpoint).port);

/** A bare connection; `text` is all that has come over it when it has ended. */
function dial(t, info) {
  const socket = connect(port(info), "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk) => (text += chunk));
  socket.on("error", () => {});
  t.after(() => socket.destroy());
  const ended = new Promise((resolve) => {
    socket.once("close", () => resolve(text));
  });
  return { socket, ended };
}

/** The status and the body of an answer as it came. */
function parsed(text) {
  const [, status, body] =
    /^HTTP\/1\.1 (\d+) [^]*?\r\n\r\n([^]*)$/.exec(text) ?? [];
  assert.ok(status, `no answer: ${text}`);
  return { status: Number(status), body: JSON.parse(body) };
}

async function alive(info) {
  const { status } = await fetch(`${info.endpoint}/devices/list`, {
    headers: { authorization: `Bearer ${info.api_key}` },
  });
  assert.equal(status, 200);
}

test("malformed or oversized HTTP gets a response in the form of the API", async (t) => {
  const info = await startSandbox(t);
  const long = "x".repeat(20_000);
  for (const [sent, status, type] of [
    ["nonsense\r\n\r\n", 400, "bad_request"],
    ["GET /devices/list HTTP/1.1\r\nbad header\r\n\r\n", 400, "bad_request"],
    ["FETCH /devices/list HTTP/1.1\r\nhost: a\r\n\r\n", 400, "bad_request"],
    ["\x16\x03\x01\x02\x00\x01\x00\x01", 400, "bad_request"],
    [`GET /${long} HTTP/1.1\r\nhost: a\r\n\r\n`, 431, "headers_too_large"],
    [
      `GET / HTTP/1.1\r\nhost: a\r\nx: ${long}\r\n\r\n`,
      431,
      "headers_too_large",
    ],
    [
      "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
      400,
      "bad_request",
    ],
    ["CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n", 405, "method_not_allowed"],
    ["GET /devices/list HTTP/1.1\r\n\r\n", 400, "bad_request"],
    [
      "POST /devices/list HTTP/1.1\r\nhost: a\r\nexpect: 200-ok\r\n\r\n",
      417,
      "expectation_failed",
    ],
  ]) {
    const { socket, ended } = dial(t, info);
    socket.write(sent, "latin1");
    const text = await ended;
    const { status: actual, body } = parsed(text);
    assert.equal(actual, status, sent.slice(0, 60));
    assert.equal(body.error.type, type, sent.slice(0, 60));
    assert.equal(body.ok, false);
    const [, id] = /^seam-request-id: (.*)\r$/m.exec(text);
    assert.equal(body.error.request_id, id);
  }
  await alive(info);
});

test("odd but whole requests are answered by the API's rules", async (t) => {
  const info = await startSandbox(t);
  const key = `authorization: Bearer ${info.api_key}\r\nconnection: close`;
  for (const [sent, status] of [
    [`GET ${info.endpoint}/devices/list HTTP/1.1\r\nhost: a\r\n${key}`, 200],
    [`GET /devices/list HTTP/1.0\r\n${key}`, 200],
    [
      `POST /devices/list HTTP/1.1\r\nhost: a\r\n${key}\r\ntransfer-encoding: chunked`,
      200,
      "0\r\n\r\n",
    ],
    [`GET //devices/list HTTP/1.1\r\nhost: a\r\n${key}`, 404],
    [`GET * HTTP/1.1\r\nhost: a\r\n${key}`, 404],
  ]) {
    const { socket, ended } = dial(t, info);
    const rest = sent.includes("chunked") ? "0\r\n\r\n" : "";
    socket.write(`${sent}\r\n\r\n${rest}`);
    assert.equal(parsed(await ended).status, status, sent);
  }
});

test(
  "a client that sends its request too slowly gets an error and is disconnected",
  { concurrency: true },
  async (t) => {
    const info = await startSandbox(t);
    await Promise.all(
      [
        "GET /devices/list HT",
        "POST /devices/list HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n{",
      ].map((sent) =>
        t.test(sent.slice(0, 4), async (t) => {
          const { socket, ended } = dial(t, info);
          socket.write(sent);
          const answer = parsed(await ended);
          assert.equal(answer.status, 408);
          assert.equal(answer.body.error.type, "request_timeout");
        }),
      ),
    );
    await alive(info);
  },
);

test("a client that does not read its response is disconnected", async (t) => {
  const info = await startSandbox(t, ["--devices", "20000"]);
  const { socket, ended } = dial(t, info);
  socket.pause();
  socket.write(
    `GET /devices/list?limit=20000 HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${info.api_key}\r\n\r\n`,
  );
  // Paused, it hears of the end only by what it can no longer write.
  const writing = setInterval(() => socket.write("GET"), 500);
  t.after(() => clearInterval(writing));
  await ended;
  await alive(info);
});

test("clients that disconnect at any moment do not affect the server", async (t) => {
  const info = await startSandbox(t, [
    "--fault",
    '{"fault":"latency","latency_ms":300,"path":"/locks/list"}',
  ]);
  const head = `host: a\r\nauthorization: Bearer ${info.api_key}\r\n`;
  for (const sent of [
    "",
    "GET /dev",
    `POST /devices/list HTTP/1.1\r\n${head}content-length: 9000\r\n\r\n{"a`,
    `GET /devices/list HTTP/1.1\r\n${head}\r\n`,
    `GET /locks/list HTTP/1.1\r\n${head}\r\n`,
  ]) {
    for (const leave of ["destroy", "resetAndDestroy", "end"]) {
      const { socket, ended } = dial(t, info);
      await once(socket, "connect");
      await new Promise((resolve) => socket.write(sent, resolve));
      socket[leave]();
      await ended;
    }
  }
  await alive(info);
});

test("no bytes crash the server", async (t) => {
  const { child, ended } = command([
    ...["sandbox", "--port", "0", "--json", "--exit-with-stdin"],
  ]);
  t.after(() => child.kill());
  const info = await started({ child, ended });
  const body = '{"device_id":"33333333-3333-4333-8333-333333333333"}';
  const valid = [
    `POST /locks/unlock_door HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${info.api_key}`,
    `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  ].join("\r\n");
  let seed = 20261123;
  const random = (below) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  /** A few bytes changed, taken out, doubled, or all that follows cut off. */
  const mutated = () => {
    let bytes = Buffer.from(valid, "latin1");
    for (let nth = random(6); nth >= 0; nth -= 1) {
      const at = random(bytes.length);
      const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
      const odd = Buffer.from([random(256)]);
      bytes = [
        () => Buffer.concat([before, odd, after.subarray(1)]),
        () => Buffer.concat([before, after.subarray(1 + random(9))]),
        () => Buffer.concat([before, after.subarray(0, 30), after]),
        () => Buffer.concat([before, odd]),
      ][random(4)]();
    }
    return bytes;
  };
  let answers = 0;
  for (let round = 0; round < 40; round += 1) {
    const sent = Array.from({ length: 25 }, mutated);
    const texts = await Promise.all(
      sent.map((bytes) => {
        const { socket, ended } = dial(t, info);
        socket.end(bytes);
        return ended;
      }),
    );
    for (const text of texts) {
      // What stays unfinished may end without an answer; what answers is well formed.
      if (text === "") continue;
      answers += 1;
      assert.match(text, /^HTTP\/1\.1 [2-5]\d\d [^\r\n]*\r\n/);
    }
  }
  assert.ok(answers > 300, `${answers} answers`);
  await alive(info);
  child.kill();
  const { code, err } = await ended;
  assert.deepEqual([code, err], [0, ""]);
});

test("a body over the limit is refused to a page of another origin too", async (t) => {
  const info = await startSandbox(t);
  const key = { authorization: `Bearer ${info.api_key}` };
  for (const [headers, status, type] of [
    [key, 413, "payload_too_large"],
    [{}, 401, "unauthorized"],
  ]) {
    const response = await fetch(`${info.endpoint}/devices/list`, {
      method: "POST",
      headers: { origin: "http://localhost:5173", ...headers },
      body: "x".repeat(1_048_577),
    });
    assert.equal(response.status, status);
    const { error } = await response.json();
    assert.equal(error.type, type);
    assert.equal(error.request_id, response.headers.get("seam-request-id"));
    const origin = response.headers.get("access-control-allow-origin");
    assert.equal(origin, "http://localhost:5173");
  }
  await alive(info);
});

test("it ends at once with connections idle, half sent and waiting", async (t) => {
  for (const signal of ["SIGINT", "SIGTERM"]) {
    const { child, ended } = command([
      ...["sandbox", "--port", "0", "--json"],
      ...["--latency", "600000"],
    ]);
    const info = await started({ child, ended });
    const waiting = `GET / HTTP/1.1\r\nhost: a\r\n\r\n`;
    const clients = ["", "GET /dev", waiting].map((sent) => {
      const client = dial(t, info);
      client.socket.write(sent);
      return client;
    });
    // The answer to a preflight is not late: by then the others have come in.
    await fetch(info.endpoint, { method: "OPTIONS" });
    child.kill(signal);
    const { code, err } = await ended;
    assert.deepEqual([code, err], [0, ""]);
    await Promise.all(clients.map((client) => client.ended));
  }
});

test("with --exit-with-stdin it ends when its parent is killed", async () => {
  // A parent that starts it, passes its first line on, and is killed.
  const parent = spawn(process.execPath, [
    "--input-type=module",
    "--eval",
    `import { spawn } from "node:child_process";
     const args = ["sandbox", "--port", "0", "--json", "--exit-with-stdin"];
     const child = spawn(process.execPath, [${JSON.stringify(`${folder}dist/cli.js`)}, ...args], {
       stdio: ["pipe", "inherit", "inherit"],
     });
     child.on("spawn", () => {});`,
  ]);
  const info = await started({
    child: parent,
    ended: new Promise(() => {}),
  });
  await alive(info);
  parent.kill("SIGKILL");
  // Its output is held open by the sandbox alone, so it ends with the sandbox.
  await once(parent, "close");
  await assert.rejects(fetch(info.endpoint));
});

for (const signal of ["SIGTERM", "SIGKILL"]) {
  test(`ending npx by ${signal} ends the server`, async (t) => {
    const npx = spawn(
      "npx",
      ["--offline", "seam-session", "sandbox", "--port", "0", "--json"],
      {
        cwd: join(folder, "../.."),
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    killOnExit(npx);
    const closed = once(npx, "close");
    const ended = closed.then(() => ({ err: "npx ended" }));
    const info = await started({ child: npx, ended });
    await alive(info);
    npx.kill(signal);
    // Its output is held open by the sandbox alone, so it ends with the sandbox.
    await closed;
    await assert.rejects(fetch(info.endpoint));
  });
}

test("--log prints a line for each request, and no secret", async (t) => {
  const { child, ended } = command([
    ...["sandbox", "--port", "0", "--json", "--log", "--exit-with-stdin"],
    ...["--fault", '{"fault":"drop_before","path":"/workspaces/get"}'],
  ]);
  const info = await started({ child, ended });
  const { endpoint, api_key, publishable_key } = info;
  const { client_session_token: token } = info;
  const ask = (path, headers, method = "GET") =>
    fetch(`${endpoint}${path}`, { method, headers }).catch(() => {});
  const key = { authorization: `Bearer ${api_key}` };
  await ask("/devices/list", { "client-session-token": token });
  await ask("/devices/list?search=secret_search", key);
  await ask(`/${token}`, key);
  await ask(`/devices/get?device_id=x`, { authorization: `Bearer ${token}` });
  await ask("/devices/list", { authorization: "Bearer seam_wrong_key" });
  await ask("/devices/list", { "client-session-token": "seam_cst1wrong" });
  await ask("/devices/list", {});
  await ask("/workspaces/get", key);
  await ask("/client_sessions/create?user_identifier_key=secret_user", {
    "seam-publishable-key": publishable_key,
  });
  const { socket, ended: refused } = dial(t, info);
  socket.write(`${token}\r\n\r\n`);
  await refused;
  child.kill();
  const { err } = await ended;

  const lines = err.trimEnd().split("\n");
  const summaries = lines.map((line) =>
    line
      .replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /, "")
      .replace(/ \d+\.\d ms /, " "),
  );
  const session = `client session ID of user identity ${info.user_identity_id}`;
  assert.deepEqual(
    summaries.map((line) =>
      line.replace(/session [0-9a-f-]{36}/, "session ID"),
    ),
    [
      `GET /devices/list 200 ${session}`,
      "GET /devices/list 200 API key",
      "GET (no such route) 404 nobody",
      `GET /devices/get 400 ${session}`,
      "GET /devices/list 401 a bearer token that is refused",
      "GET /devices/list 401 a client session token that is refused",
      "GET /devices/list 401 nobody",
      "GET /workspaces/get dropped API key",
      "GET /client_sessions/create 405 nobody",
      "- (no such route) 400 unknown caller",
    ],
  );
  for (const secret of ["seam_", "secret_", token.slice(-24)])
    assert.ok(!err.includes(secret), secret);
});

test("an error after a request on the same connection does not answer that request", async (t) => {
  const info = await startSandbox(t, [
    "--fault",
    '{"fault":"latency","latency_ms":300,"path":"/devices/list"}',
  ]);
  const { socket, ended } = dial(t, info);
  const head = `host: a\r\nauthorization: Bearer ${info.api_key}\r\n`;
  socket.write(`GET /devices/list HTTP/1.1\r\n${head}\r\nnonsense\r\n\r\n`);
  const text = await ended;
  assert.equal(parsed(text).status, 200);
  assert.equal(text.match(/HTTP\/1\.1/g).length, 1);
  await alive(info);
});

test("a connection over the limit gets 503 in the form of the API", async (t) => {
  const info = await startSandbox(t);
  const idle = Array.from({ length: 1_000 }, () => dial(t, info));
  await Promise.all(idle.map(({ socket }) => once(socket, "connect")));
  const request = "GET /devices/list HTTP/1.1\r\nhost: a\r\n\r\n";
  const over = dial(t, info);
  over.socket.write(request);
  const refused = parsed(await over.ended);
  assert.equal(refused.status, 503);
  assert.equal(refused.body.error.type, "too_many_connections");
  assert.ok(refused.body.error.request_id);
  const [first] = idle;
  first.socket.end(request);
  assert.equal(parsed(await first.ended).status, 401);
  for (const { socket } of idle) socket.destroy();
  await Promise.all(idle.map(({ ended }) => ended));
  await waitUntil(async () => {
    const headers = { authorization: `Bearer ${info.api_key}` };
    const { status } = await fetch(`${info.endpoint}/devices/list`, {
      headers,
    });
    return status === 200;
  });
});

/** The resident memory of a process, in MB. */
function memoryOf(child) {
  const args = ["-o", "rss=", "-p", String(child.pid)];
  return Number(execFileSync("ps", args, { encoding: "utf8" })) / 1024;
}

test("a large body is not read before its credential is accepted", async (t) => {
  const { child, ended } = command([
    ...["sandbox", "--port", "0", "--json", "--exit-with-stdin"],
  ]);
  t.after(() => child.kill());
  const info = await started({ child, ended });
  const before = memoryOf(child);
  const body = Buffer.alloc(60_000_000, " ");
  for (const path of ["/_sandbox/state", "/devices/list"]) {
    for (const [headers, status] of [
      [{}, 401],
      [{ authorization: "Bearer seam_unknown" }, 401],
      [{ "client-session-token": info.client_session_token }, undefined],
    ]) {
      const send = (sent) =>
        fetch(`${info.endpoint}${path}`, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: sent,
          duplex: "half",
        });
      const expected = status ?? (path === "/_sandbox/state" ? 401 : 413);
      assert.equal((await send(body)).status, expected, path);
      const chunked = new Blob([body]).stream();
      assert.equal((await send(chunked)).status, expected, path);
    }
  }
  assert.ok(memoryOf(child) - before < 60, `${memoryOf(child)} MB`);
  const { status } = await fetch(`${info.endpoint}/internal/tlmtry`, {
    method: "POST",
    body: body.subarray(0, 1_000_000),
  });
  assert.equal(status, 204);
  await alive(info);
});

test("a client that waits to be asked for a large body is asked only with a credential", async (t) => {
  const info = await startSandbox(t);
  const body = JSON.stringify({ device_ids: [], search: "x".repeat(20_000) });
  const head = (authorization) =>
    [
      "POST /devices/list HTTP/1.1",
      "host: a",
      `authorization: ${authorization}`,
      "content-type: application/json",
      `content-length: ${body.length}`,
      "expect: 100-continue",
      "\r\n",
    ].join("\r\n");
  const refused = dial(t, info);
  refused.socket.write(head("Bearer seam_unknown"));
  assert.equal(parsed(await refused.ended).status, 401);

  const { socket, ended } = dial(t, info);
  socket.write(head(`Bearer ${info.api_key}`));
  const [asked] = await once(socket, "data");
  assert.equal(asked, "HTTP/1.1 100 Continue\r\n\r\n");
  socket.end(body);
  assert.match(await ended, /^HTTP\/1\.1 200 OK\r$/m);
});

test("memory does not grow under load", async (t) => {
  const { child, ended } = command([
    ...["sandbox", "--port", "0", "--json", "--exit-with-stdin"],
  ]);
  t.after(() => child.kill());
  const info = await started({ child, ended });
  const headers = { authorization: `Bearer ${info.api_key}` };
  const rounds = async (count) => {
    for (let nth = 0; nth < count; nth += 1) {
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          const list = await fetch(`${info.endpoint}/devices/list`, {
            headers,
          });
          await list.arrayBuffer();
        }),
      );
    }
  };
  await rounds(300);
  const before = memoryOf(child);
  await rounds(600);
  const after = memoryOf(child);
  // A leak of half a device's text a request would be twice that.
  assert.ok(after - before < 24, `${before} MB, then ${after} MB`);
});

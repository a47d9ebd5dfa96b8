// The servers that calls.mjs needs: a sandbox, and a server that misbehaves.
import assert from "node:assert/strict";

import { startSandbox } from "../sandbox.mjs";
import { serve } from "../server.mjs";
import { expected } from "./calls.mjs";

/**
 * Starts both for the running test. `at` is the argument of `scenario`, plain data; `check(result)`
 * fails the test unless the host has the expected results and followed no redirect.
 */
export async function startServers(t) {
  const info = await startSandbox(t);
  const { endpoint: awkward, requests } = await serve(t, answerAwkwardly);
  return {
    at: {
      endpoint: info.endpoint,
      token: info.client_session_token,
      other: info.device_ids.at(-1),
      awkward,
    },
    check(result) {
      assert.deepEqual(result, expected);
      const paths = requests.map(({ path }) => path);
      assert.ok(paths.includes("/devices/list"), `${paths}`);
      assert.ok(!paths.includes("/followed"), `${paths}`);
    },
  };
}

function answerAwkwardly(request, response) {
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-allow-headers", "*, client-session-token");
  if (request.method === "OPTIONS") return void response.writeHead(204).end();
  switch (request.url) {
    case "/devices/list":
      return void response.writeHead(307, { location: "/followed" }).end();
    case "/devices/get":
      return;
    case "/locks/get":
      response.writeHead(200, { "content-type": "application/json" });
      return void response.write('{"device":');
    default:
      response.writeHead(200).end("{}");
  }
}

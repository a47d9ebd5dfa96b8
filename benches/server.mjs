// A server as a process of its own, and how long it took until it answered.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/**
 * Runs `node ...args`, a server on `port`. `startMs` is the time until it took
 * a connection and answered on it; `line` is the first that it prints.
 */
export async function startServer(args, port, env = {}) {
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const line = once(lines, "line").then(([text]) => text);
  line.catch(() => {});
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${args[0]} has ended`);
  }
  return { process: child, port, line, startMs: performance.now() - began };
}

/** Whether the port answers a request, whatever it says. */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (result) => {
      socket.destroy();
      resolve(result);
    };
    socket.once("error", () => setTimeout(() => end(false), 2));
    socket.once("end", () => end(false));
    socket.once("data", (text) => end(!String(text).includes(" 503 ")));
    socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  });
}

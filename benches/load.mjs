// A load of HTTP requests that costs the one who makes it little: over plain
// sockets, one request at a time on each, of the answers only the length read.
import { once } from "node:events";
import { connect } from "node:net";

const HEAD_END = Buffer.from("\r\n\r\n");

/** Sends `request` for `ms` over so many connections; answers a second. */
export async function load({ port, request, connections, ms }) {
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(port, "127.0.0.1").setNoDelay();
      await once(socket, "connect");
      return socket;
    }),
  );
  let answers = 0;
  const bytes = Buffer.from(request);
  const failed = new Promise((_, reject) => {
    for (const socket of sockets) {
      let missing = 0;
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("a connection was closed")));
      socket.on("data", (chunk) => {
        if (missing === 0) {
          const head = chunk.indexOf(HEAD_END);
          const text = chunk.toString("latin1", 0, head);
          const [, length] = /\r\ncontent-length: (\d+)/i.exec(text) ?? [];
          if (!text.startsWith("HTTP/1.1 200") || length === undefined)
            return reject(new Error(`not a whole answer: ${text}`));
          missing = head + HEAD_END.length + Number(length);
        }
        missing -= chunk.length;
        if (missing > 0) return;
        answers += 1;
        socket.write(bytes);
      });
      socket.write(bytes);
    }
  });
  const began = performance.now();
  const over = new Promise((resolve) => setTimeout(resolve, ms));
  await Promise.race([over, failed]);
  const seconds = (performance.now() - began) / 1_000;
  failed.catch(() => {});
  sockets.forEach((socket) => socket.destroy());
  return answers / seconds;
}

// Clients whose requests are recorded.
import { Sandbox, Seam } from "./installed.mjs";

/** A client over a fetch that notes each request and answers by its path. */
export function recording(answers, options = {}) {
  const requests = [];
  const seam = new Seam({
    clientSessionToken: "seam_cst1a_b",
    endpoint: "https://seam.test",
    fetch: async (request) => {
      const path = new URL(request.url).pathname;
      requests.push({
        path,
        headers: request.headers,
        body: await request.json(),
      });
      const answer = answers[path];
      return Response.json(
        typeof answer === "function" ? answer(requests) : answer,
      );
    },
    ...options,
  });
  return { seam, requests };
}

export async function sandboxed(options = {}) {
  const { info, fetch } = await Sandbox.create(options);
  return { info, options: { endpoint: info.endpoint, fetch } };
}

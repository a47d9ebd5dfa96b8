import { Seam } from "seam-session";
import { createTokenHandler } from "seam-session/server";

const { endpoint, apiKey } = JSON.parse(process.env.AT);

export const handler = createTokenHandler({
  seam: new Seam({ endpoint, apiKey }),
  // In place of an app's own login.
  userIdentity: (request) =>
    /user=(\S+)/.exec(request.headers.get("cookie") ?? "")?.[1] ?? null,
});

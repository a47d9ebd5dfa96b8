import { Seam } from "seam-session";

import { scenario } from "./calls.mjs";

export default {
  async fetch(request) {
    return Response.json(await scenario(Seam, await request.json()));
  },
};

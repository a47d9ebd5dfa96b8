// A route of the edge runtime, which takes WebAssembly only as an import.
import { Seam } from "seam-session";

import { scenario } from "../../calls.mjs";

export const runtime = "edge";

export async function POST(request) {
  return Response.json(await scenario(Seam, await request.json()));
}

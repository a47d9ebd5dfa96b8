// A server component, which runs the scenario as it renders.
import { Seam } from "seam-session";

import { scenario } from "../calls.mjs";
import { Client } from "./client.js";

export const dynamic = "force-dynamic";

export default async function Page() {
  const rendered = await scenario(Seam, JSON.parse(process.env.AT));
  return (
    <>
      <pre>{JSON.stringify(rendered)}</pre>
      <Client />
    </>
  );
}

// With `cacheComponents` Next.js renders this when it builds, up to what waits for a request's data.
import { Seam } from "seam-session";
import { Suspense } from "react";

import { useFeatures } from "../features.mjs";
import { Client } from "./client.js";

const at = JSON.parse(process.env.AT);
const seam = Seam.fromClientSessionToken(at.token, { endpoint: at.endpoint });

async function Listed() {
  return <p>{`${(await seam.devices.list()).length} listed`}</p>;
}

async function Rendered() {
  return <pre>{JSON.stringify(await useFeatures(Seam, at))}</pre>;
}

export default function Page() {
  return (
    <Suspense fallback={<p>…</p>}>
      <Listed />
      <Rendered />
      <Client />
    </Suspense>
  );
}

// The size of the default entry, held to its budget.
import assert from "node:assert/strict";
import { test } from "node:test";

import { budget, compare } from "../benches/size.mjs";

test("the default entry is no larger than its budget", async () => {
  const { brotli } = (await compare())["Seam of seam-session"];
  assert.ok(
    brotli <= budget.brotli,
    `${brotli} bytes of brotli are over the ${budget.brotli} of benches/size-budget.json: find what grew, or raise it with the reason`,
  );
});

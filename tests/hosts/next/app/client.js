"use client";
import { Seam } from "seam-session";
import { Seam as WorkerSeam } from "seam-session/worker";
import { useEffect } from "react";

import { inPageAndWorker } from "../features.mjs";

export function Client() {
  useEffect(() => {
    globalThis.run = (at) => inPageAndWorker(Seam, WorkerSeam, at);
  }, []);
  return null;
}

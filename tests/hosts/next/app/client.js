"use client";
import { Seam } from "seam-session";
import { Seam as WorkerSeam } from "seam-session/worker";
import { useEffect } from "react";

import { useFeaturesInPageAndWorker } from "../features.mjs";

export function Client() {
  useEffect(() => {
    globalThis.run = (at) => useFeaturesInPageAndWorker(Seam, WorkerSeam, at);
  }, []);
  return null;
}

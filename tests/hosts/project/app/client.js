"use client";
import { Seam } from "seam-session";
import { useEffect } from "react";

import { scenario } from "../calls.mjs";

export function Client() {
  useEffect(() => {
    globalThis.run = (at) => scenario(Seam, at);
  }, []);
  return null;
}

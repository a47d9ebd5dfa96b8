// What a page of another origin has: the client on which Seam's components stand.
import {
  SeamHttp,
  SeamHttpEndpoints,
} from "../../www/components/node_modules/@seamapi/http/index.js";
import { javascript } from "./javascript.mjs";

/** Makes the clients of a table; the page learns of tokens only. */
globalThis.signIn = (world) => {
  globalThis.call = javascript(SeamHttp, world, "token");
  globalThis.endpoints = SeamHttpEndpoints.fromClientSessionToken(world.token, {
    endpoint: world.endpoint,
  });
  globalThis.client = globalThis.endpoints.client;
};
globalThis.SeamHttp = SeamHttp;

import type { CalledAt } from "../../core/contracts.js";
import { checked, type Credential } from "../../core/credential.js";
import { invalidOptions } from "../../core/error-factory.js";
import { NEVER } from "../../lists/rules.js";
import {
  checkRequestOptions,
  checkSeamOptions,
  type RequestOptions,
  type SeamOptions,
} from "../../core/options.js";
import { routeAt, WATCHED } from "../../core/route.js";
import type { ClientOptions, PlainError, ToWorker } from "./messages.js";
import { plainWait } from "./wait-option.js";

/** Gives the value of a member as the worker takes it, or throws. */
type Read<T> = (value: unknown, message: Record<string, unknown>) => T;

type Members<M> = {
  [K in Exclude<keyof M, "say" | "sentAt">]: Read<M[K]>;
};

const no = (what: string): never => {
  throw invalidOptions(`the worker was sent a message ${what}`);
};

const text: Read<string> = (value) =>
  typeof value === "string" ? value : no("without a text");

const flag: Read<boolean> = (value) =>
  typeof value === "boolean" ? value : no("without a boolean");

const time: Read<number> = (value) =>
  Number.isFinite(value) ? (value as number) : no("without a time");

/** A number for a client, a call or a list. */
const id: Read<number> = (value) =>
  Number.isSafeInteger(value) ? (value as number) : no("without its number");

const interval: Read<number> = (value) =>
  typeof value === "number" && value >= 1_000
    ? Math.min(value, NEVER)
    : no("whose interval is below 1000 milliseconds");

/** The text of a JSON object. */
const json: Read<string> = (value) => {
  let object: unknown;
  try {
    object = JSON.parse(text(value, {}));
  } catch {
    // Told below.
  }
  return typeof object === "object" && object && !Array.isArray(object)
    ? (value as string)
    : no("whose parameters are not the text of a JSON object");
};

/** Its own members; what has others than `names` is not taken. */
function object(value: unknown, names: string[]): Record<string, unknown> {
  const prototype: unknown =
    typeof value === "object" && value && Object.getPrototypeOf(value);
  return prototype === Object.prototype &&
    Object.keys(value as object).every((name) => names.includes(name))
    ? { ...(value as object) }
    : no(`that needs an object of ${names}`);
}

const OPTIONS: (keyof ClientOptions)[] = [
  "dangerouslyAllowBrowser",
  "endpoint",
  "maxRetries",
  "timeout",
  "userIdentityId",
  "waitForActionAttempt",
];

const options: Read<ClientOptions> = (value) => {
  const given = object(value, OPTIONS) as SeamOptions;
  checkSeamOptions(given);
  text(given.endpoint, {});
  flag(given.dangerouslyAllowBrowser ?? false, {});
  const { waitForActionAttempt } = given;
  return waitForActionAttempt === undefined
    ? given
    : { ...given, waitForActionAttempt: plainWait(waitForActionAttempt) };
};

const KINDS = [
  "apiKey",
  "clientSessionToken",
  "personalAccessToken",
  "publishableKey",
];

const credential: Read<Credential> = (value, message) => {
  const given = object(value, ["kind", "token", "workspaceId"]);
  const { kind, token, workspaceId } = given as unknown as Credential;
  if (!KINDS.includes(kind)) no("with an unknown kind of credential");
  if (workspaceId !== undefined) text(workspaceId, {});
  const { dangerouslyAllowBrowser } = Object(message["options"]) as SeamOptions;
  return checked(kind, token, {
    dangerouslyAllowBrowser: dangerouslyAllowBrowser === true,
    ...{ workspaceId },
  } as SeamOptions);
};

const callOptions: Read<Omit<RequestOptions, "signal">> = (value) => {
  const given = object(value, ["waitForActionAttempt"]) as RequestOptions;
  checkRequestOptions(given);
  const { waitForActionAttempt: wait } = given;
  return wait === undefined ? {} : { waitForActionAttempt: plainWait(wait) };
};

const calledAt: Read<CalledAt> = (value) => {
  const { monotonic, wall } = object(value, ["monotonic", "wall"]);
  return { monotonic: time(monotonic, {}), wall: time(wall, {}) };
};

/** Only the lists that a client can watch. */
const watched: Read<string> = (value) =>
  WATCHED.test(text(value, {})) && routeAt(value as string)
    ? (value as string)
    : no("to watch what is no list");

const error: Read<PlainError> = (value) => {
  const { name, message } = Object(value) as Record<string, unknown>;
  return { name: text(name, {}), message: text(message, {}), more: {} };
};

const KNOWN: {
  [S in ToWorker["say"]]: Members<Extract<ToWorker, { say: S }>>;
} = {
  hello: { build: text, hidden: flag },
  lock: { name: text },
  ping: {},
  page: { hidden: flag, online: flag },
  bye: {},
  kept: {},
  open: { client: id, options, credential, renews: flag },
  token: { id, token: text },
  noToken: { id, error },
  close: { client: id },
  call: {
    client: id,
    id,
    path: text,
    params: (value, message) =>
      value === undefined ? undefined : json(value, message),
    options: callOptions,
    calledAt,
    before: flag,
  },
  abort: { id },
  identify: { client: id, id },
  scope: { client: id, id },
  watch: { client: id, id, path: watched, json, interval },
  interval: { id, interval },
  refresh: { id, list: id },
  unwatch: { id },
};

/**
 * The message with nothing in it but what the worker takes. Any script of the page's origin can
 * send to a shared worker, which serves other pages too: what goes on to the WebAssembly modules
 * and to other pages' clients must be of the kind that it is said to be.
 *
 * @throws {SeamHttpInvalidOptionsError} It is none that the worker knows.
 */
export function checkMessage(data: unknown): ToWorker {
  const message = Object(data) as Record<string, unknown>;
  const { say, sentAt } = message;
  if (typeof say !== "string" || !Object.hasOwn(KNOWN, say)) {
    no("that it does not know");
  }
  const members = KNOWN[say as ToWorker["say"]] as Record<
    string,
    Read<unknown>
  >;
  return Object.fromEntries([
    ["say", say],
    ...(sentAt === undefined ? [] : [["sentAt", time(sentAt, message)]]),
    ...Object.entries(members).map(([name, read]) => [
      name,
      read(message[name], message),
    ]),
  ]) as ToWorker;
}

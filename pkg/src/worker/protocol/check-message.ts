import type { CalledAt } from "../../core/contracts.js";
import { checkCredential, type Credential } from "../../core/credential.js";
import { invalidOptions } from "../../core/error-factory.js";
import { MANUAL_INTERVAL } from "../../lists/rules.js";
import {
  checkRequestOptions,
  checkSeamOptions,
  type RequestOptions,
  type SeamOptions,
} from "../../core/options.js";
import { routeAt, WATCHABLE_PATH } from "../../core/route.js";
import type { ClientOptions, PlainError, ToWorker } from "./messages.js";
import { toPlainWaitOption } from "./wait-option.js";

/** Returns the checked value of a member, or throws. */
type Reader<T> = (value: unknown, message: Record<string, unknown>) => T;

type Members<M> = {
  [K in Exclude<keyof M, "type" | "sentAt">]: Reader<M[K]>;
};

const reject = (what: string): never => {
  throw invalidOptions(`the worker was sent a message ${what}`);
};

const text: Reader<string> = (value) =>
  typeof value === "string" ? value : reject("without a text");

const flag: Reader<boolean> = (value) =>
  typeof value === "boolean" ? value : reject("without a boolean");

const time: Reader<number> = (value) =>
  Number.isFinite(value) ? (value as number) : reject("without a time");

/** The id of a client, a call or a list. */
const id: Reader<number> = (value) =>
  Number.isSafeInteger(value)
    ? (value as number)
    : reject("without its number");

const interval: Reader<number> = (value) =>
  typeof value === "number" && value >= 1_000
    ? Math.min(value, MANUAL_INTERVAL)
    : reject("whose interval is below 1000 milliseconds");

/** The text of a JSON object. */
const json: Reader<string> = (value) => {
  let object: unknown;
  try {
    object = JSON.parse(text(value, {}));
  } catch {
    // Reported below.
  }
  return typeof object === "object" && object && !Array.isArray(object)
    ? (value as string)
    : reject("whose parameters are not the text of a JSON object");
};

/** Returns the own members of an object that has no others than `names`. */
function object(value: unknown, names: string[]): Record<string, unknown> {
  const prototype: unknown =
    typeof value === "object" && value && Object.getPrototypeOf(value);
  return prototype === Object.prototype &&
    Object.keys(value as object).every((name) => names.includes(name))
    ? { ...(value as object) }
    : reject(`that needs an object of ${names}`);
}

const OPTIONS: (keyof ClientOptions)[] = [
  "checkScope",
  "dangerouslyAllowBrowser",
  "endpoint",
  "headers",
  "maxRetries",
  "timeout",
  "userIdentityId",
  "waitForActionAttempt",
];

const options: Reader<ClientOptions> = (value) => {
  const checked = object(value, OPTIONS) as SeamOptions;
  checkSeamOptions(checked);
  text(checked.endpoint, {});
  flag(checked.dangerouslyAllowBrowser ?? false, {});
  flag(checked.checkScope ?? false, {});
  const { waitForActionAttempt } = checked;
  return waitForActionAttempt === undefined
    ? checked
    : {
        ...checked,
        waitForActionAttempt: toPlainWaitOption(waitForActionAttempt),
      };
};

const KINDS = [
  "apiKey",
  "clientSessionToken",
  "personalAccessToken",
  "publishableKey",
];

const credential: Reader<Credential> = (value, message) => {
  const checked = object(value, ["kind", "token", "workspaceId"]);
  const { kind, token, workspaceId } = checked as unknown as Credential;
  if (!KINDS.includes(kind)) reject("with an unknown kind of credential");
  if (workspaceId !== undefined) text(workspaceId, {});
  const { dangerouslyAllowBrowser } = Object(message["options"]) as SeamOptions;
  return checkCredential(kind, token, {
    dangerouslyAllowBrowser: dangerouslyAllowBrowser === true,
    ...{ workspaceId },
  } as SeamOptions);
};

const CALL_OPTIONS = [
  "headers",
  "maxRetries",
  "timeout",
  "waitForActionAttempt",
];

const callOptions: Reader<Omit<RequestOptions, "signal">> = (value) => {
  const checked = object(value, CALL_OPTIONS) as RequestOptions;
  checkRequestOptions(checked);
  const { waitForActionAttempt: wait, ...more } = checked;
  return wait === undefined
    ? more
    : { ...more, waitForActionAttempt: toPlainWaitOption(wait) };
};

const calledAt: Reader<CalledAt> = (value) => {
  const { monotonic, wall } = object(value, ["monotonic", "wall"]);
  return { monotonic: time(monotonic, {}), wall: time(wall, {}) };
};

/** The path of a list that can be watched. */
const watched: Reader<string> = (value) =>
  WATCHABLE_PATH.test(text(value, {})) && routeAt(value as string)
    ? (value as string)
    : reject("to watch what is no list");

const error: Reader<PlainError> = (value) => {
  const { name, message } = Object(value) as Record<string, unknown>;
  return { name: text(name, {}), message: text(message, {}), more: {} };
};

const MESSAGES: {
  [S in ToWorker["type"]]: Members<Extract<ToWorker, { type: S }>>;
} = {
  handshake: { build: text, hidden: flag },
  lock: { name: text },
  ping: {},
  "page-state": { hidden: flag, online: flag },
  close: {},
  frozen: {},
  "open-client": { client: id, options, credential, hasTokenFunction: flag },
  "change-token": {
    client: id,
    id,
    check: id,
    options,
    credential,
    hasTokenFunction: flag,
  },
  token: { id, token: text },
  "token-error": { id, error },
  "close-client": { client: id },
  call: {
    client: id,
    id,
    path: text,
    params: (value, message) =>
      value === undefined ? undefined : json(value, message),
    options: callOptions,
    calledAt,
    check: id,
    generation: id,
    issuedForPreviousUser: flag,
  },
  abort: { id },
  "load-scope": { client: id, id },
  watch: { client: id, id, path: watched, json, interval },
  "set-interval": { id, interval },
  refresh: { id, list: id },
  unwatch: { id },
};

/**
 * Returns the message with only the members that the worker accepts. Any script of the page's
 * origin can send to a shared worker, which serves other pages too: everything that goes on to the
 * WebAssembly modules and to other pages' clients must have the declared type.
 *
 * @throws {SeamHttpInvalidOptionsError} It is not a message that the worker accepts.
 */
export function checkMessage(data: unknown): ToWorker {
  const message = Object(data) as Record<string, unknown>;
  const { type, sentAt } = message;
  if (typeof type !== "string" || !Object.hasOwn(MESSAGES, type)) {
    reject("that it does not know");
  }
  const members = MESSAGES[type as ToWorker["type"]] as Record<
    string,
    Reader<unknown>
  >;
  return Object.fromEntries([
    ["type", type],
    ...(sentAt === undefined ? [] : [["sentAt", time(sentAt, message)]]),
    ...Object.entries(members).map(([name, read]) => [
      name,
      read(message[name], message),
    ]),
  ]) as ToWorker;
}

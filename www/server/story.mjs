// The scoping story: a token holder lists and acts on only the granted
// devices. Each step is checked; what came back is printed.
import { isDeepStrictEqual } from "node:util";

import { bold, dim, green, red } from "./ink.mjs";

/** A step with another result than expected. */
export class Mismatch extends Error {
  constructor(expected, came) {
    super(`  expected  ${show(expected)}\n  came      ${show(came)}`);
  }
}

/**
 * Tells the story with the package's `Seam` against a sandbox.
 *
 * @throws {Mismatch} At the first step with another result than expected.
 */
export async function tellStory(Seam, { api_key, endpoint }) {
  const backEnd = Seam.fromApiKey(api_key, { endpoint });
  const [first, second] = await twoDoors(backEnd);
  let user_identity_id, token, app;

  heading("The back end, with the API key");
  await step("creates the user identity user-1", async () => {
    const identity = await backEnd.userIdentities.create({
      user_identity_key: "user-1",
      full_name: "Ada",
    });
    same("user-1", identity.user_identity_key);
    ({ user_identity_id } = identity);
    return `user_identity_id ${user_identity_id}`;
  });
  await step(`grants it one device, the ${first.display_name}`, async () => {
    const { device_id } = first;
    await backEnd.userIdentities.grantAccessToDevice({
      user_identity_id,
      device_id,
    });
    return `device_id ${device_id}`;
  });
  await step("creates its client session", async () => {
    const session = await backEnd.clientSessions.create({ user_identity_id });
    ({ token } = session);
    if (!token.startsWith("seam_cst"))
      throw new Mismatch("a token that begins with seam_cst", "another");
    app = Seam.fromClientSessionToken(token, { endpoint });
    return `token ${token.slice(0, 9)}… of ${token.length} characters; the app gets this and nothing else`;
  });

  heading("The app, with nothing but the token");
  await step("lists its devices: exactly the one", () => lists(app, [first]));
  await step(`unlocks the ${first.display_name}, and waits`, async () => {
    const { device_id } = first;
    const since = performance.now();
    const { status } = await app.locks.unlockDoor({ device_id });
    same("success", status);
    same(false, (await app.devices.get({ device_id })).properties.locked);
    return `action attempt ${status} after ${((performance.now() - since) / 1000).toFixed(1)} s; locked: false`;
  });
  await step(`asks for the ${second.display_name}: refused`, async () =>
    refused(await caught(app.devices.get({ device_id: second.device_id }))),
  );
  await step(
    `tries to unlock the ${second.display_name}: refused, and nothing changed`,
    async () => {
      const { device_id } = second;
      const before = await backEnd.devices.get({ device_id });
      const answer = refused(await caught(app.locks.unlockDoor({ device_id })));
      same(before, await backEnd.devices.get({ device_id }));
      return `${answer}; the back end sees locked: ${before.properties.locked}, as before`;
    },
  );

  heading("Grants change, the token stays");
  await step(`a second grant, the ${second.display_name}: two`, async () => {
    const { device_id } = second;
    await backEnd.userIdentities.grantAccessToDevice({
      user_identity_id,
      device_id,
    });
    return lists(app, [first, second]);
  });
  await step(`the first grant revoked, the ${first.display_name}: one`, () => {
    const { device_id } = first;
    return backEnd.userIdentities
      .revokeAccessToDevice({ user_identity_id, device_id })
      .then(() => lists(app, [second]));
  });
  console.log("\nEvery step had the expected result.\n");

  async function lists(seam, devices) {
    const listed = await seam.devices.list();
    const ids = (list) => list.map(({ device_id }) => device_id).sort();
    const names = (list) => list.map(({ display_name }) => display_name).sort();
    if (!isDeepStrictEqual(ids(listed), ids(devices)))
      throw new Mismatch(names(devices), names(listed));
    return `${listed.length}: ${names(listed).join(", ")}`;
  }
}

/** Two locks that can be reached, and are locked. */
async function twoDoors(seam) {
  const doors = (await seam.locks.list()).filter(
    ({ can_remotely_unlock, properties: { online, locked } }) =>
      can_remotely_unlock === true && online && locked === true,
  );
  if (doors.length < 2)
    throw new Mismatch("two locked doors that are online", doors.length);
  return doors;
}

/** What a call that must fail was rejected with. */
async function caught(call) {
  let answer;
  try {
    answer = await call;
  } catch (error) {
    return error;
  }
  throw new Mismatch("a refusal", answer);
}

function refused({ statusCode, code, outcome, message }) {
  const told = { statusCode: 404, code: "device_not_found" };
  if (outcome !== "refused" || !isDeepStrictEqual(told, { statusCode, code })) {
    throw new Mismatch(
      { ...told, outcome: "refused" },
      { statusCode, code, outcome, message },
    );
  }
  return `${statusCode} ${code}, outcome ${outcome}`;
}

function same(expected, came) {
  if (!isDeepStrictEqual(expected, came)) throw new Mismatch(expected, came);
}

let number = 0;

function heading(text) {
  console.log(`${number === 0 ? "" : "\n"}${bold(text)}`);
}

async function step(title, run) {
  number += 1;
  const label = `${String(number).padStart(2)}  ${title}`;
  let came;
  try {
    came = await run();
  } catch (error) {
    console.log(`  ${red("✗")} ${label}`);
    if (error instanceof Mismatch) throw error;
    throw new Mismatch(
      "this step to succeed",
      `${error.name} ${error.code ?? ""}: ${error.message}`,
    );
  }
  console.log(`  ${green("✓")} ${label}\n        ${dim(came)}`);
}

function show(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

// A sandbox's state: read, restored, and kept in a file.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { Sandbox, Seam } from "../support/installed.mjs";
import { command, started } from "../support/sandbox.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";
import { waitUntil } from "../support/waiting.mjs";

async function scratch(t) {
  const folder = temporaryFolder(t);
  return folder;
}

/** Starts a sandbox that keeps its state in `file`; `end` ends it and gives how. */
async function keeping(t, file, args = []) {
  const process = command([
    ...["sandbox", "--port", "0", "--json", "--exit-with-stdin"],
    ...["--state", file, ...args],
  ]);
  t.after(() => process.child.kill("SIGKILL"));
  const info = await started(process);
  const end = async (signal) => {
    process.child.kill(signal);
    return await process.ended;
  };
  return { info, end, child: process.child };
}

const backEnd = ({ api_key, endpoint }) =>
  Seam.fromApiKey(api_key, { endpoint });

test("a state that was read is put back, in the same sandbox and in another", async () => {
  const sandbox = await Sandbox.create();
  const { info } = sandbox;
  const options = { endpoint: info.endpoint, fetch: sandbox.fetch };
  const seam = Seam.fromApiKey(info.api_key, options);
  const before = sandbox.state();
  const made = await seam.userIdentities.create({ full_name: "Ada" });
  sandbox.addFault({ fault: "outage" });
  const after = sandbox.state();
  assert.notDeepEqual(after.workspace, before.workspace);

  sandbox.restore(before);
  assert.deepEqual(sandbox.state().workspace, before.workspace);
  assert.equal((await seam.userIdentities.list()).length, 1);

  const other = await Sandbox.create();
  assert.notEqual(other.info.api_key, info.api_key);
  other.restore(after);
  assert.equal(other.info.api_key, info.api_key);
  assert.deepEqual(other.state().workspace, after.workspace);
  other.removeFaults();
  const there = Seam.fromApiKey(info.api_key, {
    endpoint: other.info.endpoint,
    fetch: other.fetch,
  });
  const ids = (await there.userIdentities.list()).map(
    (it) => it.user_identity_id,
  );
  assert.ok(ids.includes(made.user_identity_id));
  assert.throws(() => other.restore({}), /no state of a sandbox/);
});

test("over HTTP the answer that gives the state is what puts it back", async (t) => {
  const folder = await scratch(t);
  const { info } = await keeping(t, join(folder, "state.json"));
  const headers = { authorization: `Bearer ${info.api_key}` };
  const state = await fetch(`${info.endpoint}/_sandbox/state`, { headers });
  const body = await state.text();
  const seam = backEnd(info);
  await seam.userIdentities.create({ full_name: "Ada" });
  const back = await fetch(`${info.endpoint}/_sandbox/state`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body,
  });
  assert.equal(back.status, 200, await back.text());
  assert.equal((await seam.userIdentities.list()).length, 1);
});

test("--state keeps workspace, keys and tokens across restarts", async (t) => {
  const file = join(await scratch(t), "state.json");
  const first = await keeping(t, file);
  const made = await backEnd(first.info).userIdentities.create({
    user_identity_key: "ada",
  });
  const { code, err } = await first.end("SIGTERM");
  assert.deepEqual([code, err], [0, ""]);
  assert.equal(statSync(file).mode & 0o077, 0, "only its owner reads it");

  // Other options are for a new state only.
  const second = await keeping(t, file, ["--devices", "50"]);
  assert.equal(second.info.api_key, first.info.api_key);
  assert.deepEqual(second.info.device_ids, first.info.device_ids);
  const found = await backEnd(second.info).userIdentities.get({
    user_identity_key: "ada",
  });
  assert.equal(found.user_identity_id, made.user_identity_id);
  const app = Seam.fromClientSessionToken(first.info.client_session_token, {
    endpoint: second.info.endpoint,
  });
  assert.equal((await app.devices.list()).length, 1);
  await second.end("SIGINT");
  assert.deepEqual(readdirSync(join(file, "..")), ["state.json"]);
});

test("a change is in the file soon, so that even SIGKILL loses none before it", async (t) => {
  const file = join(await scratch(t), "state.json");
  const first = await keeping(t, file);
  await backEnd(first.info).userIdentities.create({ user_identity_key: "ada" });
  await waitUntil(() => readFileSync(file, "utf8").includes('"ada"'));
  await first.end("SIGKILL");
  // The lock of a process that has gone does not count.
  assert.ok(existsSync(`${file}.lock`));
  const second = await keeping(t, file);
  await backEnd(second.info).userIdentities.get({ user_identity_key: "ada" });
});

test("the file is a whole state at any moment", async (t) => {
  const file = join(await scratch(t), "state.json");
  const { info } = await keeping(t, file, ["--devices", "200"]);
  const seam = backEnd(info);
  let over = false;
  const writing = (async () => {
    for (let nth = 0; nth < 60; nth += 1)
      await seam.userIdentities.create({ user_identity_key: `user ${nth}` });
    over = true;
  })();
  let read = 0;
  await waitUntil(() => {
    const { state } = JSON.parse(readFileSync(file, "utf8"));
    assert.equal(state.workspace.devices.length, 200);
    read += 1;
    return over;
  });
  await writing;
  assert.ok(read > 1);
});

test("a damaged file is refused with the remedy and left as it is", async (t) => {
  const file = join(await scratch(t), "state.json");
  const { end } = await keeping(t, file);
  await end("SIGTERM");
  const good = readFileSync(file, "utf8");
  for (const damaged of [
    "",
    "{",
    "null",
    "{}",
    good.slice(0, -100),
    good.replace('"format":1', '"format":9'),
    good.replace('"sessions":[', '"sessions":[{},'),
  ]) {
    writeFileSync(file, damaged);
    const { code, err, out } = await command([
      ...["sandbox", "--port", "0", "--state", file],
    ]).ended;
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, /^seam-session: --state: [^\n]+damaged[^\n]+\n$/);
    assert.doesNotMatch(err, /seam_/);
    assert.equal(readFileSync(file, "utf8"), damaged);
    assert.deepEqual(readdirSync(join(file, "..")), ["state.json"]);
  }
});

test("two sandboxes cannot keep their state in one file", async (t) => {
  const file = join(await scratch(t), "state.json");
  const first = await keeping(t, file);
  const second = await command([...["sandbox", "--port", "0", "--state", file]])
    .ended;
  assert.equal(second.code, 2);
  assert.match(second.err, new RegExp(`process ${first.child.pid} .*lock`));
  await backEnd(first.info).devices.list();
});

test("of many processes that find a stale lock at once, one acquires it", async (t) => {
  const file = join(await scratch(t), "state.json");
  // A process that is surely gone.
  const { pid } = spawnSync(process.execPath, ["--eval", ""]);
  writeFileSync(`${file}.lock`, String(pid));
  const all = Array.from({ length: 4 }, () =>
    command(["sandbox", "--port", "0", "--json", "--state", file]),
  );
  t.after(() => all.forEach(({ child }) => child.kill("SIGKILL")));
  const how = await Promise.all(
    all.map((it) =>
      Promise.race([
        started(it).then(
          () => "runs",
          () => "refused",
        ),
      ]),
    ),
  );
  assert.deepEqual(how.sort(), ["refused", "refused", "refused", "runs"]);
});

test("a lock that is a folder or a link is reported and left as it is", async (t) => {
  const file = join(await scratch(t), "state.json");
  const lock = `${file}.lock`;
  const target = join(file, "..", "target");
  for (const create of [
    () => mkdirSync(lock),
    () => symlinkSync(target, lock),
    () => {
      writeFileSync(target, "1");
      symlinkSync(target, lock);
    },
  ]) {
    create();
    const { code, err } = await command([
      ...["sandbox", "--port", "0", "--state", file],
    ]).ended;
    assert.equal(code, 2);
    assert.match(
      err,
      /^seam-session: --state: [^\n]+state\.json\.lock cannot be used[^\n]+\n$/,
    );
    assert.ok(!existsSync(file));
    rmSync(lock, { recursive: true });
  }
  assert.equal(readFileSync(target, "utf8"), "1");
});

test("the state is not written through a link or into a file that is already there", async (t) => {
  const file = join(await scratch(t), "state.json");
  const target = join(file, "..", "target");
  for (const create of [
    () => symlinkSync(target, `${file}.new`),
    () => writeFileSync(`${file}.new`, "", { mode: 0o666 }),
  ]) {
    writeFileSync(target, "unchanged");
    create();
    const { end } = await keeping(t, file);
    assert.equal((await end("SIGTERM")).code, 0);
    assert.equal(readFileSync(target, "utf8"), "unchanged");
    assert.ok(lstatSync(file).isFile());
    assert.equal(lstatSync(file).mode & 0o077, 0);
    rmSync(file);
  }
});

test("a path that is a link is refused, and the link and its file are left as they are", async (t) => {
  const file = join(await scratch(t), "state.json");
  const target = join(file, "..", "target");
  writeFileSync(target, "unchanged");
  symlinkSync(target, file);
  const { code, err } = await command([
    ...["sandbox", "--port", "0", "--state", file],
  ]).ended;
  assert.equal(code, 2);
  assert.match(err, /^seam-session: --state: \S+ is a link: [^\n]+\n$/);
  assert.ok(lstatSync(file).isSymbolicLink());
  assert.equal(readFileSync(target, "utf8"), "unchanged");
});

test("a change that could not be written is written once it can be, without another change", async (t) => {
  const file = join(await scratch(t), "state.json");
  const { info, end, child } = await keeping(t, file);
  // A folder in the place of the temporary file fails as a full disk does.
  mkdirSync(`${file}.new`);
  await backEnd(info).userIdentities.create({ user_identity_key: "ada" });
  await once(child.stderr, "data");
  assert.ok(!readFileSync(file, "utf8").includes('"ada"'));
  rmSync(`${file}.new`, { recursive: true });
  await waitUntil(() => readFileSync(file, "utf8").includes('"ada"'));
  const { code, err } = await end("SIGTERM");
  assert.equal(code, 0);
  assert.match(err, /^seam-session: --state: [^\n]+\n$/);
});

test("a missing folder is reported in one sentence", async (t) => {
  const file = join(await scratch(t), "absent", "state.json");
  const { code, err } = await command([
    ...["sandbox", "--port", "0", "--state", file],
  ]).ended;
  assert.equal(code, 2);
  assert.match(err, /^seam-session: --state: [^\n]+\n$/);
});

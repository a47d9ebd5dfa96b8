import { readFileSync } from "node:fs";

import { sandboxCommand } from "./sandbox-command.js";
import { scopeCommand } from "./scope-command.js";
import { StateFileError } from "../sandbox/state-file.js";
import { firstLine, UsageError } from "./usage-error.js";

const COMMANDS: Record<string, (args: string[]) => Promise<void>> = {
  sandbox: sandboxCommand,
  scope: scopeCommand,
};

const HELP = `seam-session: tools for apps with Seam client sessions

Usage: seam-session <command> [options]

  sandbox             serve a Seam workspace in memory, on loopback
  scope               print what a client session token may do, or check it

  --help, --version

"seam-session <command> --help" prints the options of a command.
`;

async function main(args: string[]): Promise<void> {
  const at = args.findIndex((it) => Object.hasOwn(COMMANDS, it));
  const command = COMMANDS[args[at] ?? ""];
  if (command !== undefined)
    return await command(args.filter((_, nth) => nth !== at));
  const [first] = args;
  if (first === "--version") return void process.stdout.write(`${version()}\n`);
  if (first === undefined || first === "--help")
    return void process.stdout.write(HELP);
  throw new UsageError(
    `there is no command ${firstLine(first)}, only ${Object.keys(COMMANDS).join(" and ")}`,
  );
}

function version(): string {
  const file = new URL("../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string })
    .version;
}

/** Runs the command; a failure is printed and sets the exit code. */
export function run(): void {
  main(process.argv.slice(2)).catch((error: unknown) => {
    const known =
      error instanceof UsageError || error instanceof StateFileError;
    const prefix = error instanceof StateFileError ? "--state: " : "";
    console.error(known ? `seam-session: ${prefix}${error.message}` : error);
    process.exitCode = known ? 2 : 1;
  });
}

import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";

import { expectationOf, type ExpectedScope } from "./scope-difference.js";
import { firstLine, UsageError } from "./usage-error.js";

export const SCOPE_HELP = `seam-session scope: what a client session token may do

Usage: seam-session scope [options]

  --token TOKEN       the token; - reads it from standard input
                      (default: the variable SEAM_CLIENT_SESSION_TOKEN)
  --endpoint URL      the API; a sandbox's address, for example
                      (default: SEAM_ENDPOINT, or Seam itself)
  --json              print JSON
  --expect FILE       compare with this file, which has the form of --json
  --help

Prints whose token it is, when it expires, which devices it sees and what it
may do with each. The token itself is never printed.

Exit code: 0; 1 if the scope is not as expected; 2 if it cannot be fetched.
`;

/** The variable with the token, which does not show in a shell's history. */
const VARIABLE = "SEAM_CLIENT_SESSION_TOKEN";

/** The parsed arguments. */
export interface ScopeCommandOptions {
  token: string;
  endpoint: string | undefined;
  json: boolean;
  expected: { file: string; scope: ExpectedScope } | undefined;
}

/**
 * Parses the arguments. Returns a string if the command has only to print it.
 *
 * @throws {UsageError} The arguments are invalid.
 */
export async function scopeCommandOptions(
  args: string[],
): Promise<ScopeCommandOptions | string> {
  const values = read(args);
  if (values.help) return SCOPE_HELP;
  return {
    expected:
      values.expect === undefined
        ? undefined
        : { file: values.expect, scope: expectationIn(values.expect) },
    endpoint: values.endpoint,
    json: values.json,
    token: await tokenOf(values.token),
  };
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        token: { type: "string" },
        endpoint: { type: "string" },
        json: { type: "boolean", default: false },
        expect: { type: "string" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(firstLine(error));
  }
}

async function tokenOf(given: string | undefined): Promise<string> {
  const token =
    given === "-"
      ? await text(process.stdin)
      : (given ?? process.env[VARIABLE]);
  const trimmed = token?.trim();
  if (!trimmed) {
    throw new UsageError(
      `scope: give a client session token: in the variable ${VARIABLE}, with --token -, or with --token TOKEN`,
    );
  }
  return trimmed;
}

function expectationIn(file: string): ExpectedScope {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const reason =
      error instanceof SyntaxError
        ? `is not JSON: ${firstLine(error)}`
        : "cannot be read";
    throw new UsageError(`--expect: ${file} ${reason}`);
  }
  return expectationOf(value, file);
}

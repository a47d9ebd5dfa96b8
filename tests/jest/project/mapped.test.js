// The project's moduleNameMapper puts the main client in the place of the worker's.
const errors = require("seam-session/worker");
const { Sandbox } = require("seam-session/sandbox");
const { describeClient } = require("./scenario.cjs");

describeClient(errors.Seam, Sandbox, errors);

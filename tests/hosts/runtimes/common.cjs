const { Seam } = require("seam-session");
const { scenario } = require("./calls.mjs");

scenario(Seam, JSON.parse(process.argv[2])).then((result) =>
  console.log(JSON.stringify(result)),
);

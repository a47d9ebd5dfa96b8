/**
 * Makes the shipped module trap: while `armed`, the next call of any instance runs a real
 * `unreachable` instruction. Runs in Node and, as text, in a page.
 */
export function installTrap(global) {
  const { Instance, Module } = global.WebAssembly;
  // (module (func (export "f") unreachable))
  const bytes = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102,
    0, 0, 10, 5, 1, 3, 0, 0, 11,
  ];
  const unreachable = new Instance(new Module(new Uint8Array(bytes)), {})
    .exports.f;
  const control = { armed: false, copies: 0 };
  global.WebAssembly.Instance = function (module, imports) {
    const real = new Instance(module, imports);
    control.copies += 1;
    const exports = { ...real.exports };
    // The first call of an instance only sets up its tables.
    let entered = 0;
    for (const name of Object.keys(exports)) {
      const run = exports[name];
      if (typeof run !== "function") continue;
      exports[name] = (...args) => {
        entered += 1;
        if (!control.armed || entered === 1) return run(...args);
        control.armed = false;
        return unreachable();
      };
    }
    return { exports };
  };
  return control;
}

/** (module (func (export "f") unreachable)) */
const UNREACHABLE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102,
  0, 0, 10, 5, 1, 3, 0, 0, 11,
];

/**
 * The same for one export by its name, in whichever module has it. Returns a function that arms the
 * next call, the nth, or with `-Infinity` each; that one returns a function that counts the traps.
 */
export function trapOn(global) {
  const { Instance } = global.WebAssembly;
  const unreachable = new Instance(
    new global.WebAssembly.Module(new Uint8Array(UNREACHABLE)),
    {},
  ).exports.f;
  let armed;
  let left = 0;
  let count = 0;
  global.WebAssembly.Instance = function (module, imports) {
    const exports = { ...new Instance(module, imports).exports };
    let isBroken = false;
    for (const name of Object.keys(exports)) {
      const run = exports[name];
      if (typeof run !== "function") continue;
      exports[name] = (...args) => {
        if (name === armed && (left -= 1) <= 0) {
          armed = left === -Infinity ? name : undefined;
          count += 1;
          isBroken = true;
        }
        // After a trap the module's data stays borrowed, so every other export traps too.
        return isBroken ? unreachable() : run(...args);
      };
    }
    return { exports };
  };
  return (name, nth = 1) => {
    armed = name;
    left = nth;
    count = 0;
    return () => count;
  };
}

// Colours, where there is a terminal that wants them.
const wanted = process.stdout.isTTY === true && !process.env.NO_COLOR;

const ink = (code) => (text) =>
  wanted ? `\u001b[${code}m${text}\u001b[0m` : text;

export const bold = ink("1");
export const dim = ink("2");
export const red = ink("31");
export const green = ink("32");

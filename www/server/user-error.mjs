/** Something that whoever started the demo can put right: shown without a stack. */
export class UserError extends Error {}

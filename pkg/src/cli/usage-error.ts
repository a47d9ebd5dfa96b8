/** A mistake in how the command was called, which is shown without a stack. */
export class UsageError extends Error {}

/** For files that are loaded later: the entry has come through the same server undamaged. */
export const CHARSET_MESSAGE = "serve it as UTF-8";

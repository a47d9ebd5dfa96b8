/** In a file that is loaded later: the entry has come through the same server undamaged. */
export const NOT_UTF8 = "serve it as UTF-8";

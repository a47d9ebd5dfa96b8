/** The remedy for a script that was decoded with another charset. */
export const CHARSET_MESSAGE =
  'serve the script as UTF-8 (charset=utf-8 in its Content-Type, or <meta charset="utf-8">)';

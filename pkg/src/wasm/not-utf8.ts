/** What to do about a script that was decoded with another charset. */
export const NOT_UTF8 =
  'serve the script as UTF-8: Content-Type: text/javascript; charset=utf-8, or <meta charset="utf-8">';

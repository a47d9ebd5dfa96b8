// The ordinary work of an app and of its back end, as data: one table for the clients of every
// language.
//
// A row is a call. `call` is the route, `params` what it is given. Of what the client gives back,
// `is` is what it must be, member by member, with any others beside them; of a list, it has just
// these elements. `has` and `lacks` are elements that a list has or has not, and `hasAt` where in
// the result that list is. `fails` is the status and the error's code. `keep` gives a name to a
// member of the result, by which later rows mean it: `$guest`. Ada calls, or the one that `by`
// names. A row that shows nothing is followed by one that shows what it did; `after` names the
// route whose doing it shows, where some client has no method for that.
import { accessCodes } from "./access-codes.mjs";
import {
  noise,
  noiseOfBackEnd,
  thermostats,
  thermostatsOfBackEnd,
} from "./climate.mjs";
import {
  devices,
  devicesOfBackEnd,
  locks,
  phones,
  reset,
  workspaces,
} from "./devices.mjs";
import {
  accounts,
  acs,
  events,
  eventsOfBackEnd,
  identities,
  peopleOfBackEnd,
} from "./people.mjs";
import { spaces } from "./spaces.mjs";

/** What a client session may call; the back end may too. */
export const OF_APP = [
  ...devices,
  ...locks,
  ...accessCodes,
  ...thermostats,
  ...noise,
  ...accounts,
  ...acs,
  ...identities,
  ...phones,
  ...workspaces,
  ...events,
];

/** What only the back end may call, or see. */
export const OF_BACK_END = [
  ...eventsOfBackEnd,
  ...spaces,
  ...devicesOfBackEnd,
  ...noiseOfBackEnd,
  ...thermostatsOfBackEnd,
  ...peopleOfBackEnd,
  ...reset,
];

/** The rows for a client that has no methods for these routes. */
export const without = (rows, routes) =>
  rows.filter(
    ({ call, after }) => ![call, after].some((it) => routes.includes(it)),
  );

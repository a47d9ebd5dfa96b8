import { useEffect, useState } from "react";

/** One of the demo's users. */
export interface User {
  key: string;
  name: string;
}

/** Those of the demo's back end. */
export const USERS = [
  { key: "user-1", name: "Ada" },
  { key: "user-2", name: "Ben" },
] as const satisfies User[];

/** Says who is signed in, and lets another one. The first one is at once. */
export function Users({
  users,
  user,
  signIn,
}: {
  users: readonly [User, ...User[]];
  user: User | undefined;
  signIn: (user: User) => Promise<void>;
}) {
  const [trouble, setTrouble] = useState("");
  const change = (next: User) => {
    setTrouble("");
    signIn(next).catch((error: Error) => setTrouble(error.message));
  };
  // Only once: what it does is not undone by asking again.
  useEffect(() => change(users[0]), []);
  return (
    <div className="users">
      <div role="group" aria-label="Who is signed in">
        {users.map((it) => (
          <button
            type="button"
            key={it.key}
            aria-pressed={it.key === user?.key}
            onClick={() => change(it)}
          >
            {it.name}
          </button>
        ))}
      </div>
      <p role="status">
        {trouble !== ""
          ? `That did not work: ${trouble}.`
          : user === undefined
            ? "Signing in …"
            : `${user.name} is signed in.`}
      </p>
    </div>
  );
}

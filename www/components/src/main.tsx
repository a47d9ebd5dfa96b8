import { AccessCodeTable, DeviceDetails, DeviceTable } from "@seamapi/react";
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { Seam } from "seam-session";

import { session } from "../../src/back-end.js";
import { OwnList } from "./own-list.js";
import { withPictures } from "./pictures.js";
import { Refusal } from "./refusal.js";
import {
  SeamComponents,
  sessionsOf,
  type Sessions,
} from "./seam-components.js";
import { USERS, Users, type User } from "./users.js";

/** What the components and the page itself have in common. */
interface Shared {
  seam: Seam;
  sessions: Sessions;
}

function App() {
  const [shared, setShared] = useState<Shared>();
  const [user, setUser] = useState<User>();

  async function signIn(next: User): Promise<void> {
    const { endpoint, client_session_token } = await session(next.key);
    setUser(next);
    if (shared === undefined) {
      const seam = Seam.fromClientSessionToken(client_session_token, {
        endpoint,
        fetch: withPictures,
      });
      setShared({ seam, sessions: sessionsOf(seam) });
    } else {
      await shared.seam.updateClientSessionToken(client_session_token);
    }
  }

  return (
    <>
      <Users users={USERS} user={user} signIn={signIn} />
      {user && shared && (
        <SeamComponents sessions={shared.sessions}>
          <Devices seam={shared.seam} user={user.name} />
        </SeamComponents>
      )}
    </>
  );
}

function Devices({ seam, user }: { seam: Seam; user: string }) {
  const [chosen, setChosen] = useState<string>();
  return (
    <main>
      <section aria-labelledby="devices-title">
        <h2 id="devices-title">Seam’s device table</h2>
        <div className="seam-components">
          <DeviceTable />
        </div>
      </section>
      <section aria-labelledby="device-title">
        <h2 id="device-title">One device, and its access codes</h2>
        <OwnList seam={seam} user={user} chosen={chosen} choose={setChosen} />
        {chosen && (
          <div className="seam-components" key={chosen}>
            <DeviceDetails deviceId={chosen} />
            <AccessCodeTable deviceId={chosen} />
          </div>
        )}
        <Refusal />
      </section>
    </main>
  );
}

createRoot(document.getElementById("page")!).render(<App />);

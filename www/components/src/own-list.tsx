import { useQuery } from "@tanstack/react-query";
import type { Seam } from "seam-session";

/** What the page itself asks for, with the client that the components use too. */
export function OwnList({
  seam,
  user,
  chosen,
  choose,
}: {
  seam: Seam;
  user: string;
  chosen: string | undefined;
  choose: (device_id: string) => void;
}) {
  const { data, error } = useQuery({
    queryKey: ["own", "devices"],
    queryFn: ({ signal }) => seam.devices.list({}, { signal }),
  });
  if (error !== null) return <p role="alert">{error.message}</p>;
  if (data === undefined) return <p role="status">Asking for the devices …</p>;
  if (data.length === 0) {
    return (
      <p role="status">
        {user} was granted nothing. <a href="/">Grant a device</a>, then come
        back.
      </p>
    );
  }
  return (
    <ul className="own">
      {data.map(({ device_id, display_name }) => (
        <li key={device_id}>
          <button
            type="button"
            aria-pressed={device_id === chosen}
            onClick={() => choose(device_id)}
          >
            {display_name}
          </button>
        </li>
      ))}
    </ul>
  );
}

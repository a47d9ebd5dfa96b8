import { useEffect } from "react";

import { render } from "../../../shared/server.js";

export const loader = () => render();

export default function Home({ loaderData }) {
  useEffect(() => void import("../../../shared/page.js"), []);
  return <pre>{JSON.stringify(loaderData)}</pre>;
}

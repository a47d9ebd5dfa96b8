import { render } from "../../../shared/server.js";

export const load = async () => ({ rendered: await render() });

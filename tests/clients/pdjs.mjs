// Sends one event by @pagerduty/pdjs. Arguments: the package's folder, the server, and the event as JSON.
import { createRequire } from "node:module";

const [folder, server, data] = process.argv.slice(2);
const { event } = createRequire(import.meta.url)(folder);
const answer = await event({ server, data: JSON.parse(data) });
console.log(JSON.stringify({ status: answer.status, ...answer.data }));

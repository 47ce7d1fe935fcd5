// A calendar on standard input, as ical.js reads it, as JSON on standard output. The argument is ical.js itself.
import { pathToFileURL } from "node:url";

const { default: ICAL } = await import(pathToFileURL(process.argv[2]).href);
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const calendar = new ICAL.Component(ICAL.parse(Buffer.concat(chunks).toString("utf8")));
const events = calendar.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component);
  if (event.isRecurring() || !event.summary) throw new Error(`unexpected event ${event.uid}`);
  const text = (name) => String(component.getFirstPropertyValue(name) ?? "").replaceAll("\\,", ",");
  return {
    from: event.startDate.toJSDate().toISOString(),
    until: event.endDate.toJSDate().toISOString(),
    schedule: text("x-hansho-schedule"),
    users: text("x-hansho-users"),
  };
});
console.log(JSON.stringify(events));

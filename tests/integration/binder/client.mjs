// Runs BinderHub's own client, as a page would, and prints each event that it gives on a line of its own.
// node client.mjs PACKAGE SPEC ENDPOINT TOKEN [EVENTS]: after so many events it is closed.
import { pathToFileURL } from "node:url";

globalThis.window = globalThis;
globalThis.document = { cookie: "", hidden: false, addEventListener() {}, removeEventListener() {} };
// Each of its errors leaves a promise behind that nobody waits for.
process.on("unhandledRejection", () => {});

const [folder, spec, endpoint, apiToken, most] = process.argv.slice(2);
const { BinderRepository } = await import(pathToFileURL(`${folder}/lib/client.js`));
const repository = new BinderRepository(spec, new URL(endpoint), { apiToken, buildOnly: true });
let count = 0;
for await (const event of repository.fetch()) {
  console.log(`event ${JSON.stringify(event)}`); // it prints things of its own, too
  count += 1;
  if (event.phase === "ready" || event.phase === "failed" || count === Number(most)) break;
}
repository.close();
process.exit(0);

// The budget of the page, in kilobytes after gzip: what everybody loads first, and each page besides.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const FIRST_PAGE = 210;
const LAZY_PAGE = 30;

const size = (file) => gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length / 1000;
const first = [...readFileSync("dist/index.html", "utf8").matchAll(/src="(static\/[^"]+\.js)"/g)].map(([, file]) => file);
const lazy = readdirSync("dist/static")
  .filter((name) => name.endsWith(".js"))
  .map((name) => `static/${name}`)
  .filter((file) => !first.includes(file));
const home = lazy.filter((file) => file.startsWith("static/images."));
const total = [...first, ...home].reduce((sum, file) => sum + size(file), 0);
const tooBig = lazy.filter((file) => size(file) > LAZY_PAGE);

console.log(`page: ${total.toFixed(1)} kB for the first page (at most ${FIRST_PAGE}), ${lazy.length} more parts`);
for (const file of tooBig) {
  console.error(`${file} has ${size(file).toFixed(1)} kB: more than ${LAZY_PAGE}`);
}
if (total > FIRST_PAGE || tooBig.length > 0) {
  process.exit(1);
}

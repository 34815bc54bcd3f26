/** The most that may be sent, in bytes after gzip: what everybody loads first, each page and each part of one besides. */
const FIRST_PAGE = 210_000;
const LAZY_PAGE = 30_000;
/** A menu or a dialog, with the library's part that places it, is loaded when somebody opens it. */
const LAZY_PART = 40_000;
const STYLES = 5_000;
/** The document, the icon, and the files of the first page. */
const REQUESTS = 8;

/** Fails a build of the page that has grown beyond its budget; in CI it also tells in a line how much is left. */
export class Budget {
  apply(compiler) {
    // Once it is written: what is too large can still be looked at.
    compiler.hooks.afterEmit.tap("Budget", (compilation) => {
      for (const sentence of check(compilation)) {
        compilation.errors.push(new compiler.webpack.WebpackError(sentence));
      }
    });
  }
}

function check(compilation) {
  const files = (groups) => new Set(groups.flatMap((group) => group.getFiles()));
  const first = files([...compilation.entrypoints.values(), compilation.namedChunkGroups.get("images")]);
  const lazy = compilation.chunkGroups
    .filter((group) => !group.isInitial())
    .map((group) => [
      `What ${group.name} adds`,
      size(compilation, files([group]).difference(first)),
      group.getParents().some((parent) => parent.isInitial()) ? LAZY_PAGE : LAZY_PART,
      "bytes",
    ]);
  const sizes = [
    ["The first page", size(compilation, first), FIRST_PAGE, "bytes"],
    ["The first page", first.size + 2, REQUESTS, "requests"],
    ["All styles", size(compilation, named(compilation, ".css")), STYLES, "bytes"],
    ...lazy.sort(([, one, most], [, other, mostOfOther]) => other / mostOfOther - one / most),
  ];
  if (process.env.CI) {
    console.log(`page: ${[sizes[0], sizes[1], sizes[3]].map(told).join("; ")}`);
  }
  return sizes.filter(([, value, most]) => value > most).map((each) => `${told(each)}: too much`);
}

const told = ([what, value, most, unit]) => `${what}: ${value} of ${most} ${unit}`;

function named(compilation, end) {
  return Object.keys(compilation.assets).filter((file) => file.endsWith(end));
}

/** What is sent of these files to a browser that takes gzip. */
function size(compilation, files) {
  const sent = (file) => (compilation.getAsset(`${file}.gz`) ?? compilation.getAsset(file)).source.size();
  return [...files].reduce((sum, file) => sum + sent(file), 0);
}

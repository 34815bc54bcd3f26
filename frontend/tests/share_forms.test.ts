import { beforeAll, expect, test } from "@jest/globals";
import { commitAddress, shortName, spokenAddress } from "../src/components/forge";
import { pulling } from "../src/components/pulling";
import { formsOf, launchLink } from "../src/components/share/forms";
import { anImage } from "./an_image";

const BASE = "https://hub.example.org/services/repo2docker/";

beforeAll(() => {
  const base = document.createElement("base");
  base.href = BASE;
  document.head.append(base);
});

test("a link leads to the newest of a branch, or to one commit for good", () => {
  const image = anImage("a", { ref: "main", subdir: "week one" });

  expect(launchLink(image, { isExact: false, path: "" })).toBe(
    `${BASE}launch?repo=https://github.com/o/a&ref=main&subdir=week+one`,
  );
  expect(launchLink(image, { isExact: true, path: " a&b.ipynb " })).toBe(
    `${BASE}launch?repo=https://github.com/o/a&ref=${image.commit}&subdir=week+one&path=a%26b.ipynb`,
  );
});

test("the default branch is left out of a link: it may get another name", () => {
  expect(launchLink(anImage("a"), { isExact: false, path: "" })).toBe(`${BASE}launch?repo=https://github.com/o/a`);
});

test("what somebody built with arguments is found by its id alone", () => {
  expect(launchLink(anImage("a", { build_args: ["BASE"] }), { isExact: true, path: "" })).toBe(`${BASE}launch?image=id-a`);
});

test("a badge is written so that nothing of an address ends it", () => {
  const forms = formsOf(`${BASE}launch?repo=https://e.org/a(b)&path="x"`, "Launch");

  expect(forms.markdown).toContain("launch?repo=https://e.org/a%28b%29&path=");
  expect(forms.html).toContain('href="https://hub.example.org/services/repo2docker/launch?repo=https://e.org/a(b)&amp;path=&quot;x&quot;"');
  expect(forms.rst.split("\n")).toHaveLength(3);
});

test("an image is pulled by its name, or by its digest without the tag", () => {
  expect(pulling(anImage("a"))).toEqual({
    byName: `docker pull registry.example.org:5000/r2d/a:${anImage("a").commit}`,
    byDigest: "docker pull registry.example.org:5000/r2d/a@sha256:a",
  });
});

test("what only the engine has cannot be pulled", () => {
  expect(pulling(anImage("a", { launch_reference: "sha256:a" }))).toBeUndefined();
});

test("a commit is linked where it is known how, and nowhere else", () => {
  expect(commitAddress("https://github.com/o/a.git", "1f")).toBe("https://github.com/o/a/commit/1f");
  expect(commitAddress("https://gitlab.com/g/h/a/", "1f")).toBe("https://gitlab.com/g/h/a/-/commit/1f");
  for (const other of ["https://git.example.org/a", "http://github.com/o/a", "javascript:alert(1)//github.com/", "/srv/a"]) {
    expect(commitAddress(other, "1f")).toBeUndefined();
  }
});

test("repositories are said without what machines need", () => {
  expect(spokenAddress("https://github.com/o/a.git")).toBe("github.com/o/a");
  expect(shortName("https://gitlab.com/g/h/a/")).toBe("h/a");
});

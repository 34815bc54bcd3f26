import { expect, test } from "@jest/globals";
import { type Place, readAddress } from "../src/features/new/address";
import { readBuildArguments } from "../src/features/new/buildArguments";
import { mayBeKept } from "../src/features/new/draft";
import { waysToSplit } from "../src/features/new/split";

const SHA = "6e7d6ca1f2f1c5d4a1b2e8bb5c4f0b1a3d2e9f70";

function place(text: string): Place {
  const read = readAddress(text);
  if (read.kind !== "place") {
    throw new Error(`${text} is ${read.kind}`);
  }
  return read.place;
}

test.each([
  ["https://github.com/o/r", "https://github.com/o/r"],
  ["  https://github.com/o/r.git  ", "https://github.com/o/r"],
  ["https://www.github.com/o/r/", "https://github.com/o/r"],
  ["HTTPS://GitHub.com/O/R", "https://github.com/O/R"],
  ["github.com/o/r", "https://github.com/o/r"],
  ["o/r", "https://github.com/o/r"],
  ["o-1/r.js", "https://github.com/o-1/r.js"],
  ["git clone https://github.com/o/r.git", "https://github.com/o/r"],
  ["<https://github.com/o/r>", "https://github.com/o/r"],
  ["git@github.com:o/r.git", "https://github.com/o/r"],
  ["ssh://git@github.com/o/r.git", "https://github.com/o/r"],
  ["git+ssh://git@github.com/o/r.git", "https://github.com/o/r"],
  ["git://github.com/o/r.git", "https://github.com/o/r"],
  ["https://github.com/o/r?tab=readme-ov-file#usage", "https://github.com/o/r"],
  ["https://github.com/o/r/issues/12", "https://github.com/o/r"],
  ["https://gitlab.com/group/sub/deeper/r", "https://gitlab.com/group/sub/deeper/r"],
  ["git@gitlab.com:group/sub/r.git", "https://gitlab.com/group/sub/r"],
  ["https://gitlab.com/group/sub/r/-/issues", "https://gitlab.com/group/sub/r"],
  ["https://git.example.org/group/sub/r/-/tree/main", "https://git.example.org/group/sub/r"],
  ["https://somebody@bitbucket.org/team/r.git", "https://bitbucket.org/team/r"],
  ["https://codeberg.org/o/r/issues", "https://codeberg.org/o/r"],
  ["https://git.example.org/r.git", "https://git.example.org/r.git"],
  ["ssh://git@git.example.org:2222/o/r.git", "https://git.example.org/o/r.git"],
  ["http://git.example.org:8080/o/r", "http://git.example.org:8080/o/r"],
  ["https://gist.github.com/o/0123456789abcdef0123", "https://gist.github.com/o/0123456789abcdef0123"],
  ["https://git.sr.ht/~somebody/r", "https://git.sr.ht/~somebody/r"],
])("%s is the repository %s", (text, repo) => {
  expect(place(text)).toEqual({ repo, ref: expect.any(String), rest: [], path: "", isFolder: false, hadPassword: false });
});

test.each([
  ["https://github.com/o/r/tree/main", "main"],
  ["https://github.com/o/r/commit/" + SHA, SHA],
  ["https://github.com/o/r/commits/main", "main"],
  ["https://github.com/o/r/releases/tag/v1.0", "v1.0"],
  ["https://github.com/o/r/pull/12", "refs/pull/12/head"],
  ["https://github.com/o/r/pull/12/files", "refs/pull/12/head"],
  [`https://github.com/o/r/pull/12/commits/${SHA}`, SHA],
  ["https://gitlab.com/g/s/r/-/tree/v1", "v1"],
  ["https://gitlab.com/g/s/r/-/tags/release/2", "release/2"],
  ["https://gitlab.com/g/s/r/-/merge_requests/7", "refs/merge-requests/7/head"],
  [`https://gitlab.com/g/r/-/commit/${SHA}`, SHA],
  ["https://gitlab.example.org/g/s/r/tree/main", "main"],
  ["https://bitbucket.org/team/r/branch/feature/x", "feature/x"],
  [`https://bitbucket.org/team/r/commits/${SHA}`, SHA],
  ["https://bitbucket.org/team/r/commits/tag/v2", "v2"],
  ["https://bitbucket.org/team/r/src/main/", "main"],
  ["https://codeberg.org/o/r/src/branch/main", "main"],
  ["https://git.example.org/o/r/src/tag/v1", "v1"],
  ["https://codeberg.org/o/r/pulls/3", "refs/pull/3/head"],
  ["https://codeberg.org/o/r/releases/tag/v3", "v3"],
])("%s is of %s", (text, ref) => {
  expect(place(text)).toMatchObject({ ref, rest: [], path: "" });
});

test.each([
  [`https://github.com/o/r/tree/${SHA}/lessons`, SHA, "lessons", true],
  [`https://github.com/o/r/blob/${SHA}/a/b.ipynb#L3`, SHA, "a/b.ipynb", false],
  [`https://codeberg.org/o/r/src/commit/${SHA}/a.ipynb`, SHA, "a.ipynb", false],
  [`https://bitbucket.org/team/r/src/${SHA}/a%20b.ipynb?at=feature%2Fx`, "feature/x", "a b.ipynb", false],
])("%s leads to what is in a commit", (text, ref, path, isFolder) => {
  expect(place(text)).toMatchObject({ ref, path, isFolder, rest: [] });
});

test.each([
  ["https://github.com/o/r/tree/feature/x/notebooks", "feature/x/notebooks", true],
  ["https://github.com/o/r/tree/feature/x/notebooks/a.ipynb", "feature/x/notebooks/a.ipynb", false],
  ["https://github.com/o/r/blob/main/Makefile", "main/Makefile", false],
  ["https://github.com/o/r/blob/main/x.git", "main/x.git", false],
  ["https://github.com/o/r/raw/refs/heads/main/a.csv", "main/a.csv", false],
  ["https://raw.githubusercontent.com/o/r/refs/heads/feature/x/a.csv", "feature/x/a.csv", false],
  ["https://gitlab.com/g/s/r/-/blob/feature/x/a.ipynb?ref_type=heads", "feature/x/a.ipynb", false],
  ["https://codeberg.org/o/r/src/branch/feature/x/a.md", "feature/x/a.md", false],
  ["https://bitbucket.org/team/r/src/main/lessons/", "main/lessons", true],
])("%s leaves it to the repository where the name of the branch ends", (text, rest, isFolder) => {
  expect(place(text)).toMatchObject({ ref: "", rest: rest.split("/"), isFolder });
});

test("what shows raw files of GitHub is no repository", () => {
  expect(place("https://raw.githubusercontent.com/o/r/main/a.csv").repo).toBe("https://github.com/o/r");
});

test.each(["10.5281/zenodo.1234567", "doi:10.5281/zenodo.1234567", "https://doi.org/10.5281/zenodo.1234567"])("%s is a DOI", (text) => {
  expect(readAddress(text).kind).toBe("doi");
});

test.each(["  ", ""])("'%s' is nothing", (text) => {
  expect(readAddress(text).kind).toBe("nothing");
});

test.each(["hello", "https://", "https://github.com/", "https://github.com/.git", "https://github.com/%2e%2e.git", "javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "two words", "/o/r", "C:\\r"])(
  "%s is nobody's repository",
  (text) => {
    expect(readAddress(text).kind).toBe("unreadable");
  },
);

test.each(["https://ada:canary@github.com/o/r", "https://ghp_0123456789012345678901234@github.com/o/r", "https://oauth2:canary@gitlab.com/g/r.git",
  "https://raw.githubusercontent.com/o/r/main/a.csv?token=canary", "https://gitlab.com/g/r/-/raw/main/a.csv?private_token=canary"])(
  "a password in %s goes no further",
  (text) => {
    const found = place(text);

    expect(found.hadPassword).toBe(true);
    expect(mayBeKept(readAddress(text))).toBe(false);
    expect(JSON.stringify(found)).not.toMatch(/canary|ghp_|ada|oauth2/);
  },
);

test("what is no address is not kept: it may be a token", () => {
  expect(["ghp_0123456789", "", "o/r", "https://github.com/o/r/pull/3", "10.5281/zenodo.1"].map((text) => mayBeKept(readAddress(text)))).toEqual([
    false, false, true, true, true,
  ]);
});

test("where the name of a branch may end, each part may be its last", () => {
  expect(waysToSplit(["a", "b"])).toEqual([{ ref: "a", path: "b" }, { ref: "a/b", path: "" }]);
});

test("build arguments are read a line each", () => {
  expect(readBuildArguments(" BASE=a=b \n\nEMPTY=\n")).toEqual({ values: { BASE: "a=b", EMPTY: "" }, wrong: "" });
  expect(readBuildArguments("A=1\nno argument\n=x").wrong).toBe("no argument");
});

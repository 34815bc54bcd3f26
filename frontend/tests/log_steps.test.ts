import { expect, test } from "@jest/globals";
import { Rows } from "../src/components/log/rows";
import { StepReader } from "../src/components/log/steps";

function read(text: string): StepReader {
  const reader = new StepReader();
  text.split("\n").forEach((line, place) => reader.add(place + 1, line));
  return reader;
}

const told = ({ sections }: StepReader) =>
  sections.map(({ kind, place, title, first, last, work }) =>
    [kind, place, title, first, last, work.state, work.seconds].filter((each) => each !== "" && each !== null),
  );

const BUILD = `\
Picked Git content provider.
Cloning into '/tmp/repo'...
#0 building with "default" instance using docker driver
#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s

#2 [internal] load .dockerignore
#2 DONE 0.1s

#3 [1/3] FROM docker.io/library/base
#3 CACHED

#4 [2/3] RUN echo one
#4 0.100 one
#4 DONE 0.2s

#5 [3/3] RUN make
#5 0.300 making`;
const ENDED = `${BUILD}
#5 DONE 61.5s

#6 exporting to image
#6 exporting layers 0.1s done
#6 DONE 0.2s
jupyterhub-singleuser is in the image: a hub can start it as a notebook server.
Pushing [1/4] 1.0 of 9.0 MB
Pushing [4/4] 9.0 of 9.0 MB
Stored as registry/o/r:abc`;

test("a build is cut into what people know as its steps", () => {
  expect(told(read(ENDED))).toEqual([
    ["fetch", 1, 2, "done"],
    ["setup", 3, 9, "done"],
    ["step", "1/3", "FROM docker.io/library/base", 10, 12, "cached"],
    ["step", "2/3", "RUN echo one", 13, 16, "done", 0.2],
    ["step", "3/3", "RUN make", 17, 20, "done", 61.5],
    ["export", 21, 23, "done"],
    ["push", 24, 27, "running"],
  ]);
});

test("what is done between two lines of a step, or after the image was put together, cuts neither in two", () => {
  const reader = read(`\
#1 [internal] load build definition
#1 DONE 0.0s

#2 [1/2] FROM docker.io/library/base
#2 CACHED

#3 [internal] load build context
#3 DONE 0.1s

#2 [1/2] FROM docker.io/library/base
#2 resolved
#2 CACHED

#4 [2/2] RUN make
#4 DONE 1.0s

#5 exporting to image
#5 DONE 0.2s

#6 importing to docker
#6 DONE 0.1s
There is no jupyterhub-singleuser on the PATH of the image: a hub cannot start it as a notebook server.
Stored as registry/o/r:abc`);

  expect(told(reader)).toEqual([
    ["setup", 1, 3, "done"],
    ["step", "1/2", "FROM docker.io/library/base", 4, 13, "cached"],
    ["step", "2/2", "RUN make", 14, 16, "done", 1],
    ["export", 17, 21, "done"],
    ["push", 22, 23, "running"],
  ]);
});

test("what fails between two lines of a step is a part of its own", () => {
  const reader = read("#1 [internal] load metadata\n#1 DONE 0.0s\n\n#2 [1/2] FROM base\n#3 [internal] load build context\n#3 ERROR: not found\n\n#2 CANCELED");
  reader.end("failed");

  expect(told(reader)).toEqual([
    ["setup", 1, 3, "done"],
    ["step", "1/2", "FROM base", 4, 5, "stopped"],
    ["setup", 6, 7, "failed"],
    ["step", "1/2", "FROM base", 8, 8, "stopped"],
  ]);
});

test("numbers that are filled up with spaces, as from ten steps on, are steps too", () => {
  expect(told(read("#4 [ 2/10] RUN echo\n#4 DONE 0.1s\n\n#5 [base   9/100] RUN make"))).toEqual([
    ["step", "2/10", "RUN echo", 1, 3, "done", 0.1],
    ["step", "base 9/100", "RUN make", 4, 4, "running"],
  ]);
});

test("the step that is at work is running", () => {
  expect(told(read(BUILD)).at(-1)).toEqual(["step", "3/3", "RUN make", 17, 18, "running"]);
});

test("the step that failed is told from what is said about it afterwards", () => {
  const reader = read(`${BUILD}\n#5 2.500 no rule\n#5 ERROR: process "make" did not complete: exit code: 2\n------\n > [3/3] RUN make:\n------\nA step of the build failed.`);
  reader.end("failed");

  expect(told(reader).slice(-2)).toEqual([
    ["step", "3/3", "RUN make", 17, 20, "failed", 2.5],
    ["end", 21, 24, "stopped"],
  ]);
});

test("where no step failed, the last part did", () => {
  const reader = read("Picked Git content provider.\nfatal: repository not found");
  reader.end("failed");

  expect(told(reader)).toEqual([["fetch", 1, 2, "failed"]]);
});

test("a failure among things that are one part shows, whatever comes after it", () => {
  const reader = read("#1 [internal] load metadata\n#1 ERROR: not found\n\n#2 [internal] load other\n#2 DONE 0.1s");

  expect(told(reader)).toEqual([["setup", 1, 5, "failed"]]);
});

test("steps that run side by side take turns, and each ends once", () => {
  const reader = read("#5 [a 1/2] RUN one\n#5 0.1 1\n#6 [b 1/2] RUN two\n#6 0.1 2\n\n#5 [a 1/2] RUN one\n#5 DONE 3.0s\n\n#6 CANCELED");

  expect(told(reader)).toEqual([
    ["step", "a 1/2", "RUN one", 1, 2, "done", 3],
    ["step", "b 1/2", "RUN two", 3, 5, "stopped"],
    ["step", "a 1/2", "RUN one", 6, 8, "done", 3],
    ["step", "b 1/2", "RUN two", 9, 9, "stopped"],
  ]);
  expect(reader.sections.map(({ isContinued }) => isContinued)).toEqual([false, false, true, true]);
});

test("a log of nothing but heads is still cut into few parts", () => {
  const reader = new StepReader();
  for (let number = 1; number <= 20_000; number += 1) {
    reader.add(number, `#${number} [${number % 9000}/9000] RUN x`);
  }

  expect(reader.sections).toHaveLength(5000);
  expect(reader.sections.at(-1)!.last).toBe(20_000);
});

test("rows are heads, and the lines of what is unfolded", () => {
  const { sections } = read(BUILD);
  const rows = new Rows(sections, 1, ({ first }) => first === 1 || first === 13);
  const seen = Array.from({ length: rows.count }, (_, index) => rows.at(index)).map(({ section, line }) => line ?? `#${section.first}`);

  expect(seen).toEqual(["#1", 1, 2, "#3", "#10", "#13", 13, 14, 15, 16, "#17"]);
  expect([1, 2, 5, 14, 18].map((line) => rows.indexOf(line))).toEqual([1, 2, 3, 7, 10]);
  expect(new Set(seen.map((_, index) => rows.keyOf(index))).size).toBe(rows.count);
});

test("from row to row one goes over heads, and from head to head over lines", () => {
  const { sections } = read(BUILD);
  const rows = new Rows(sections, 1, ({ first }) => first === 1 || first === 13);

  expect([rows.headFrom(7, -1), rows.headFrom(5, -1), rows.headFrom(7, 1), rows.headFrom(10, 1), rows.headFrom(0, -1)]).toEqual([
    5, 4, 10, 10, 0,
  ]);
  expect([rows.lineFrom(3, 1), rows.lineFrom(4, -1), rows.lineFrom(10, 1)]).toEqual([13, 2, null]);
});

test("lines that are not kept have no rows", () => {
  const { sections } = read(BUILD);
  const rows = new Rows(sections, 14, () => true);

  expect([rows.at(0).line, rows.at(1).line, rows.count, rows.indexOf(3)]).toEqual([null, 14, 7, 0]);
});

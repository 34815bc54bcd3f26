import { expect, test } from "@jest/globals";
import type { Image } from "../src/api/types";
import { choose } from "../src/features/images/choosing";
import { anImage } from "./an_image";

const names = (images: readonly Image[]) => images.map(({ id }) => id.slice("id-".length));
const chosen = (images: readonly Image[], change: Partial<Parameters<typeof choose>[1]> = {}) =>
  names(choose(images, { q: "", facet: "", order: "", ...change }, "user:ada"));

test("what administrators feature comes first, then one's own, and what cannot be started last", () => {
  const images = [
    anImage("bare", { launchable: false, featured: true }),
    anImage("theirs", { owner: "user:vera", requested_by: "user:vera" }),
    anImage("mine"),
    anImage("featured", { owner: "user:vera", requested_by: "user:vera", featured: true }),
    anImage("default", { owner: "user:vera", requested_by: "user:vera", default: true }),
  ];

  expect(chosen(images)).toEqual(["default", "featured", "mine", "theirs", "bare"]);
});

test("all words are looked for, wherever and however they are written", () => {
  const images = [anImage("climate", { title: "Climate Models" }), anImage("climate-data"), anImage("models", { ref: "climate" })];

  expect(chosen(images, { q: " MODELS climate " })).toEqual(["climate", "models"]);
  expect(chosen(images, { q: "0123456" })).toHaveLength(3);
  expect(chosen(images, { q: "weather" })).toEqual([]);
});

test("somebody's environments are found by the name, and who looks for a user does not mean everybody", () => {
  const images = [anImage("a"), anImage("b", { owner: "user:vera" }), anImage("c", { owner: "group:course" })];

  expect(chosen(images, { q: "vera" })).toEqual(["b"]);
  expect(chosen(images, { q: "course" })).toEqual(["c"]);
  expect(chosen(images, { q: "user" })).toEqual([]);
});

test("each facet shows what it says", () => {
  const images = [
    anImage("mine"),
    anImage("asked", { owner: "group:course" }),
    anImage("shared", { owner: "user:vera", requested_by: "user:vera", featured: true }),
    anImage("old", { outdated: "another repo2docker" }),
    anImage("secret", { owner: "user:vera", requested_by: "user:vera", private: true }),
  ];

  expect(chosen(images, { facet: "mine" })).toEqual(["mine", "asked", "old"]);
  expect(chosen(images, { facet: "shared" })).toEqual(["shared"]);
  expect(chosen(images, { facet: "featured" })).toEqual(["shared"]);
  expect(chosen(images, { facet: "outdated" })).toEqual(["old"]);
  expect(chosen(images, { facet: "private" })).toEqual(["secret"]);
});

test("they are sorted by time, by name as people count, and by size", () => {
  const images = [
    anImage("b", { title: "Week 10", created_at: "2026-01-02T00:00:00Z", size: 2 }),
    anImage("a", { title: "week 9", created_at: "2026-01-03T00:00:00Z", size: 1 }),
    anImage("c", { title: "Zoo", created_at: "2026-01-01T00:00:00Z", size: 3 }),
  ];

  expect(chosen(images, { order: "newest" })).toEqual(["a", "b", "c"]);
  expect(chosen(images, { order: "oldest" })).toEqual(["c", "b", "a"]);
  expect(chosen(images, { order: "name" })).toEqual(["a", "b", "c"]);
  expect(chosen(images, { order: "size" })).toEqual(["c", "b", "a"]);
});

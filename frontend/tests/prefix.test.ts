import { expect, test } from "@jest/globals";

test("addresses of pages begin with the service's prefix, whatever page is loaded", async () => {
  const base = document.createElement("base");
  base.href = "/services/repo2docker/";
  document.head.append(base);

  const { prefix } = await import("../src/app/prefix");

  expect(prefix).toBe("/services/repo2docker");
});

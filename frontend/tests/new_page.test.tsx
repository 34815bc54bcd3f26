import { ChakraProvider } from "@chakra-ui/react";
import { beforeEach, expect, jest, test } from "@jest/globals";
import { render, screen } from "@testing-library/react";
import { ErrorBoundary } from "../src/app/ErrorBoundary";
import { loadNewPage } from "../src/app/newPage";
import { system } from "../src/app/theme";

/** Pretend a service whose document begins with this script, or that is away. */
function pretend(script: string | null, ok = true) {
  globalThis.fetch = (async () => {
    if (script === null) {
      throw new TypeError("Failed to fetch");
    }
    return { ok, text: async () => `<script src="${script}" defer></script>` };
  }) as unknown as typeof fetch;
}

beforeEach(() => {
  window.sessionStorage.clear();
  document.head.innerHTML = '<script src="static/main.0123.js" defer></script>';
});

test("a new page of the service is loaded, and once only where that is in vain", async () => {
  const reload = jest.fn();
  pretend("static/main.4567.js");

  await loadNewPage(reload);
  await loadNewPage(reload);

  expect(reload).toHaveBeenCalledTimes(1);
});

test.each([
  ["static/main.0123.js", true],
  ["static/main.4567.js", false],
  [null, false],
])("nothing is loaded again where the service tells of %s and is well: %s", async (script, ok) => {
  const reload = jest.fn();
  pretend(script, ok);

  await loadNewPage(reload);

  expect(reload).not.toHaveBeenCalled();
});

test("a part that is missing is told apart from a page that fails", () => {
  jest.spyOn(console, "error").mockImplementation(() => {});
  pretend(null);
  for (const [name, title] of [
    ["ChunkLoadError", "A part of the page could not be loaded"],
    ["TypeError", "This page could not be shown"],
  ] as const) {
    render(
      <ChakraProvider value={system}>
        <ErrorBoundary>
          <Fails name={name} />
        </ErrorBoundary>
      </ChakraProvider>,
    );
    expect(screen.getByRole("heading", { level: 1, name: title })).toBeVisible();
  }
});

function Fails({ name }: { name: string }): never {
  throw Object.assign(new Error(name), { name });
}

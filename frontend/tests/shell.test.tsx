import { ChakraProvider } from "@chakra-ui/react";
import { afterEach, expect, test } from "@jest/globals";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitForElementToBeRemoved, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { violations } from "./accessibility";
import { Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import { Shell } from "../src/app/Shell";
import { system } from "../src/app/theme";
import type { Me } from "../src/api/types";
import { ADA } from "./an_image";

afterEach(() => window.localStorage.clear());

function shown(me: Me | undefined, path = "/builds") {
  const { hook, history } = memoryLocation({ path, record: true });
  const result = render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { enabled: false } } })}>
      <ChakraProvider value={system}>
        <Router hook={hook}>
          <Shell me={me}>
            <h1>Content</h1>
            <input aria-label="Field" />
          </Shell>
        </Router>
      </ChakraProvider>
    </QueryClientProvider>,
  );
  return { ...result, history };
}

test("nobody is shown the way to a page that would refuse them", () => {
  shown(ADA);

  expect(screen.getByRole("link", { name: "New build" })).toBeVisible();
  expect(screen.queryByRole("link", { name: "Administration" })).toBeNull();
});

test("beside a hub the way home is shown, and without one there is none", () => {
  const { unmount } = shown({ ...ADA, home: "/hub/home" });
  expect(screen.getByRole("link", { name: "Hub home" })).toHaveAttribute("href", "/hub/home");
  unmount();

  shown(ADA);

  expect(screen.queryByRole("link", { name: "Hub home" })).toBeNull();
});

test("what is folded away on narrow screens comes up when it is asked for, and goes when one has gone somewhere", async () => {
  const { container } = shown(ADA);
  const menu = screen.getByRole("button", { name: "Menu" });
  expect(menu).toHaveAttribute("aria-expanded", "false");
  await userEvent.click(menu);
  expect(menu).toHaveAttribute("aria-expanded", "true");
  expect(await violations(container)).toEqual([]);

  await userEvent.click(screen.getByRole("link", { name: "Help" }));

  expect(menu).toHaveAttribute("aria-expanded", "false");
});

test("the page that one is on is marked in the navigation", () => {
  shown({ ...ADA, admin: true }, "/builds/abc");

  expect(screen.getByRole("link", { name: "Builds" })).toHaveAttribute("aria-current", "page");
  expect(screen.getByRole("link", { name: "Administration" })).not.toHaveAttribute("aria-current");
});

test("the first stop of the keyboard leads past the navigation", async () => {
  shown(ADA);
  await userEvent.tab();
  expect(screen.getByRole("link", { name: "Skip to the content" })).toHaveFocus();

  await userEvent.keyboard("{Enter}");

  expect(screen.getByRole("main")).toHaveFocus();
});

test("colours are chosen for the hub's pages too", async () => {
  shown(ADA);

  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Colours" }), "Dark");

  expect(window.localStorage.getItem("jupyterhub-bs-theme")).toBe("dark");
  expect(document.documentElement).toHaveClass("dark");
});

test("a key leads to a new build, but neither from a field nor with another key held", async () => {
  const { history } = shown(ADA);
  await userEvent.type(screen.getByRole("textbox", { name: "Field" }), "b");
  await userEvent.click(document.body);
  await userEvent.keyboard("{Control>}b{/Control}{Alt>}b{/Alt}{Meta>}b{/Meta}");
  expect(history).toEqual(["/builds"]);

  await userEvent.keyboard("b");

  expect(history).toEqual(["/builds", "/new"]);
});

test("nobody is led by a key to a page that would refuse them", async () => {
  const { history } = shown({ ...ADA, owners: [] });

  await userEvent.keyboard("b");

  expect(history).toEqual(["/builds"]);
});

test("a key shows all keys, and once single ones are switched off there, only the button does", async () => {
  const { history } = shown(ADA);
  await userEvent.keyboard("?");
  const dialog = await screen.findByRole("dialog", { name: "Keyboard shortcuts" });
  expect(within(dialog).getByText("build a new environment")).toBeVisible();
  await userEvent.click(within(dialog).getByRole("checkbox", { name: "Use single keys" }));
  await userEvent.keyboard("{Escape}");
  await waitForElementToBeRemoved(dialog);

  await userEvent.keyboard("?b");

  expect(history).toEqual(["/builds"]);
  expect(screen.queryByRole("dialog")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Keyboard shortcuts" }));
  expect(await screen.findByRole("checkbox", { name: "Use single keys" })).not.toBeChecked();
});

test("machines find nothing against it", async () => {
  const { container } = shown(ADA);

  expect(await violations(container)).toEqual([]);
});

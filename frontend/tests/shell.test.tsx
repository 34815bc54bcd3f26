import { ChakraProvider } from "@chakra-ui/react";
import { expect, test } from "@jest/globals";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { axe } from "jest-axe";
import { Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import { Shell } from "../src/app/Shell";
import { system } from "../src/app/theme";
import type { Me } from "../src/api/types";

const ADA: Me = {
  name: "ada", kind: "user", owner: "user:ada", owners: ["user:ada"], groups: [], permissions: [], admin: false, login: "",
};

function shown(me: Me | undefined, path = "/builds") {
  const { hook } = memoryLocation({ path });
  return render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { enabled: false } } })}>
      <ChakraProvider value={system}>
        <Router hook={hook}>
          <Shell me={me}>
            <h1>Content</h1>
          </Shell>
        </Router>
      </ChakraProvider>
    </QueryClientProvider>,
  );
}

test("nobody is shown the way to a page that would refuse them", () => {
  shown(ADA);

  expect(screen.getByRole("link", { name: "New build" })).toBeVisible();
  expect(screen.queryByRole("link", { name: "Administration" })).toBeNull();
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

test("machines find nothing against it", async () => {
  const { container } = shown(ADA);

  expect((await axe(container)).violations).toEqual([]);
});

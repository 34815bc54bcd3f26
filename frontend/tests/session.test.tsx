import { afterEach, expect, test } from "@jest/globals";
import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { App } from "../src/app/App";
import { SignInForm } from "../src/features/session/SignInForm";
import { ADA } from "./an_image";
import { pretend, show } from "./pretended";

const ENDED = { status: 403, body: { type: "about:blank", detail: "Log in first.", login: "/hub/login-again" } };

afterEach(() => window.history.replaceState(null, "", "/"));

/** Show the help to Ada, and have her come back to it when the service answers so. */
async function cameBack(answer: { status: number; body: unknown }) {
  let me: typeof answer = { status: 200, body: ADA };
  const asked = pretend((_, path) => (path === "api/v1/me" ? me : { status: 200, body: { version: "1", capabilities: {} } }));
  show(<App />, "/help");
  await screen.findByRole("heading", { level: 1, name: "Help" });
  me = answer;
  const again = () => expect(asked.filter(({ path }) => path === "api/v1/me")).toHaveLength(2);

  act(() => void window.dispatchEvent(new Event("visibilitychange")));

  await waitFor(again);
  await act(async () => void (await Promise.resolve()));
}

test("who comes back while the service is away finds the page as it was", async () => {
  await cameBack({ status: 503, body: { detail: "The hub does not answer." } });

  expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Help");
  expect(document.title).toBe("Help · repo2docker");
});

test("who comes back after the session has ended is told, keeps what is there, and logs in when they like", async () => {
  await cameBack(ENDED);

  expect(await screen.findByText(/Your session ended. Log in again to continue; nothing is lost./)).toBeVisible();
  expect(screen.getByRole("link", { name: "Log in" })).toHaveAttribute("href", "/hub/login-again?next=%2F");
  expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Help");
});

test("without another page to log in the same is told", async () => {
  await cameBack({ status: 401, body: { detail: "Sign in first." } });

  expect(await screen.findByRole("button", { name: "Log in" })).toBeVisible();
  expect(screen.queryByLabelText(/Token/)).toBeNull();
});

test("a link to a line asks nobody who it is, and one with a token does", async () => {
  const asked = pretend((_, path) => (path === "api/v1/me" ? { status: 200, body: ADA } : { status: 200, body: { version: "1", capabilities: {} } }));
  show(<App />, "/help");
  await screen.findByRole("heading", { level: 1, name: "Help" });
  const paths = () => asked.map(({ path }) => path).filter((path) => path === "api/v1/me" || path === "login");
  const go = (hash: string) => {
    window.history.replaceState(null, "", `/help${hash}`);
    act(() => void window.dispatchEvent(new HashChangeEvent("hashchange")));
  };

  go("#L7");
  go("#token=canary");

  await waitFor(() => expect(paths()).toEqual(["api/v1/me", "login", "api/v1/me"]));
  expect(window.location.href).not.toContain("canary");
});

test("who gives a wrong token is told where the right one is", async () => {
  pretend((_, path) => (path === "api/v1/info" ? { status: 200, body: { version: "1", capabilities: {} } } : { status: 401, body: { detail: "Send a valid token." } }));
  show(<App />, "/");
  const user = userEvent.setup({ delay: null });
  await user.type(await screen.findByLabelText(/Token/), "wrong");

  await user.click(screen.getByRole("button", { name: "Sign in" }));

  expect(await screen.findByText(/This token is not accepted\./)).toBeVisible();
  expect(screen.queryByText("Send a valid token.")).toBeNull();
});

test("who comes through a link that is not good any more is told so", async () => {
  show(<SignInForm linkRefused />, "/");

  expect(await screen.findByText(/The token in this link is not accepted\./)).toBeVisible();
});

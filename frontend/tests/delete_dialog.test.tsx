import { expect, jest, test } from "@jest/globals";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { Image } from "../src/api/types";
import { DeleteDialog } from "../src/components/deletion/DeleteDialog";
import { anImage } from "./an_image";
import { pretend, show } from "./pretended";

const INFO = { status: 200, body: { version: "1", capabilities: { servers: true }, after_delete: "The registry frees the space at night." } };
const DONE = { status: 204, body: undefined };
const PROTECTED = { status: 409, body: { type: "urn:repo2docker-service:image-protected", detail: "It is protected." } };
const user = userEvent.setup({ delay: null });

function opened(images: readonly Image[], known = images) {
  const onDeleted = jest.fn();
  const onClosed = jest.fn();
  const opener = document.body.appendChild(document.createElement("button"));
  show(<DeleteDialog images={images} known={known} opener={opener} onDeleted={onDeleted} onClosed={onClosed} />);
  return { onDeleted, onClosed, opener };
}

function serving(answers: Readonly<Record<string, { status: number; body: unknown }>> = {}, servers: unknown[] = []) {
  return pretend((method, path) => {
    if (path === "api/v1/info") {
      return INFO;
    }
    return path === "api/v1/servers" ? { status: 200, body: { items: servers } } : (answers[`${method} ${path}`] ?? DONE);
  });
}

const deletions = (asked: ReturnType<typeof serving>) => asked.filter(({ method }) => method === "DELETE");
const many = (count: number) => Array.from({ length: count }, (_, place) => anImage(`n${place}`));

test("it names what is deleted, how large that is and what else happens", async () => {
  serving({}, [{ name: "notes", title: "My notes", state: "ready", image_id: "id-n0" }]);
  opened(many(7));

  const dialog = await screen.findByRole("alertdialog", { name: "Delete 7 environments (11 GB)?" });
  expect(dialog).toHaveTextContent("Running servers keep working.");
  await waitFor(() => expect(dialog).toHaveTextContent("The registry frees the space at night."));
  expect(dialog).toHaveTextContent("o/n4");
  expect(dialog).not.toHaveTextContent("o/n5");
  expect(dialog).toHaveTextContent("and 2 more");
  expect(await screen.findByText("My notes")).toBeVisible();
  expect(dialog).toHaveTextContent("Servers of yours that run from them:");
});

test("what was seen is what is deleted, and then it closes", async () => {
  const asked = serving();
  const { onDeleted, onClosed } = opened(many(2));

  await user.click(await screen.findByRole("button", { name: "Delete 2" }));

  await waitFor(() => expect(onDeleted).toHaveBeenCalled());
  await waitFor(() => expect(onClosed).toHaveBeenCalled());
  expect(deletions(asked).map(({ path, headers }) => [path, headers.get("If-Match")])).toEqual([
    ["api/v1/images/id-n0", '"sha256:n0"'],
    ["api/v1/images/id-n1", '"sha256:n1"'],
  ]);
});

test("nothing is deleted by who keeps it", async () => {
  const asked = serving();
  const { onDeleted, onClosed } = opened(many(1));

  await user.click(await screen.findByRole("button", { name: "Keep" }));

  await waitFor(() => expect(onClosed).toHaveBeenCalled());
  expect(onDeleted).not.toHaveBeenCalled();
  expect(deletions(asked)).toEqual([]);
});

test("many are deleted only by who has typed how many", async () => {
  serving();
  opened(many(11));
  const button = await screen.findByRole("button", { name: "Delete 11" });
  expect(button).toBeDisabled();

  await user.type(screen.getByRole("textbox", { name: "Type 11 to confirm" }), "11");

  expect(button).toBeEnabled();
});

test("what could not be deleted stays, with the reason, and only that is tried again", async () => {
  const answers: Record<string, { status: number; body: unknown }> = { "DELETE api/v1/images/id-n1": PROTECTED };
  const asked = serving(answers);
  const { onDeleted } = opened(many(3));
  await user.click(await screen.findByRole("button", { name: "Delete 3" }));
  expect(await screen.findByText("It is protected.")).toBeVisible();
  expect(screen.getByText("2 deleted, 1 failed")).toBeVisible();
  expect(onDeleted).not.toHaveBeenCalled();
  delete answers["DELETE api/v1/images/id-n1"];

  await user.click(screen.getByRole("button", { name: "Retry failed" }));

  await waitFor(() => expect(onDeleted).toHaveBeenCalled());
  expect(deletions(asked).map(({ path }) => path.slice(-2))).toEqual(["n0", "n1", "n2", "n1"]);
});

test("what is gone already counts as deleted", async () => {
  serving({ "DELETE api/v1/images/id-n0": { status: 404, body: { title: "Not found" } } });
  const { onDeleted } = opened(many(1));

  await user.click(await screen.findByRole("button", { name: "Delete" }));

  await waitFor(() => expect(onDeleted).toHaveBeenCalled());
});

test("other names of the same image are told before they are deleted with it", async () => {
  const asked = serving();
  const image = anImage("a");
  const other = { ...image, id: "id-b", name: image.name.replace(/:[^:]*$/, ":second") };
  const elsewhere = { ...image, id: "id-c", name: "registry.example.org:5000/r2d/c:third" };
  opened([image], [image, other, elsewhere]);
  expect(await screen.findByText(other.name)).toBeVisible();
  expect(screen.queryByText(elsewhere.name)).toBeNull();

  await user.click(screen.getByRole("button", { name: "Delete" }));

  await waitFor(() => expect(deletions(asked).map(({ path }) => path)).toEqual(["api/v1/images/id-a?siblings=delete"]));
});

test("names that only the service knew of are told before the next try deletes them", async () => {
  const answers: Record<string, { status: number; body: unknown }> = {
    "DELETE api/v1/images/id-a": {
      status: 409,
      body: { type: "urn:repo2docker-service:image-has-siblings", detail: "It has others.", siblings: ["registry.example.org/other:1"] },
    },
  };
  const asked = serving(answers);
  opened([anImage("a")]);
  await user.click(await screen.findByRole("button", { name: "Delete" }));
  expect(await screen.findByText("registry.example.org/other:1")).toBeVisible();

  await user.click(screen.getByRole("button", { name: "Retry failed" }));

  await waitFor(() => expect(deletions(asked).at(-1)?.path).toBe("api/v1/images/id-a?siblings=delete"));
});

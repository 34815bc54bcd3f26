import { expect, test } from "@jest/globals";
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { violations } from "./accessibility";
import { readAddress } from "../src/features/new/address";
import { HelpPage } from "../src/features/help/HelpPage";
import { help } from "../src/texts/help";
import { show } from "./pretended";

test("single keys can be switched off for good", async () => {
  show(<HelpPage />);
  const choice = screen.getByRole("checkbox", { name: "Use single keys" });
  expect(choice).toBeChecked();

  await userEvent.click(choice);

  expect(choice).not.toBeChecked();
  expect(window.localStorage.getItem("repo2docker-single-keys")).toBe("off");
});

test("each form of an address that is listed is one that is understood", () => {
  const { forms } = help.addresses;
  const repository = "https://github.com/owner/name";
  const read = forms.flatMap(([form]) => form.split(", ")).map((form) => readAddress(form.replace(/^…\/-/, "https://gitlab.com/a/b/c/-").replace("…", repository)));

  expect(read.map(({ kind }) => kind)).toEqual(read.map(() => "place"));
  const place = (address: string) => (readAddress(address) as { place: object }).place;
  expect(place(`${repository}/releases/tag/v1.0`)).toMatchObject({ repo: repository, ref: "v1.0" });
  expect(place(`${repository}/pull/12`)).toMatchObject({ repo: repository, ref: "refs/pull/12/head" });
  expect(place("https://gitlab.com/a/b/c/-/merge_requests/12")).toMatchObject({ repo: "https://gitlab.com/a/b/c", ref: "refs/merge-requests/12/head" });
});

test("machines find nothing against it", async () => {
  const { container } = show(<HelpPage />);

  expect(await violations(container)).toEqual([]);
});

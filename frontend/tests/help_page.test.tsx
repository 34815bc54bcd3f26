import { expect, test } from "@jest/globals";
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { axe } from "jest-axe";
import { HelpPage } from "../src/features/help/HelpPage";
import { show } from "./pretended";

test("single keys can be switched off for good", async () => {
  show(<HelpPage />);
  const choice = screen.getByRole("checkbox", { name: "Use single keys" });
  expect(choice).toBeChecked();

  await userEvent.click(choice);

  expect(choice).not.toBeChecked();
  expect(window.localStorage.getItem("repo2docker-single-keys")).toBe("off");
});

test("machines find nothing against it", async () => {
  const { container } = show(<HelpPage />);

  expect((await axe(container)).violations).toEqual([]);
});

import { act } from "@testing-library/react";
import { axe } from "jest-axe";

/** What a machine finds against a part of the page; what changes there while it looks is waited for. */
export const violations = (part: Element) => act(async () => (await axe(part)).violations);

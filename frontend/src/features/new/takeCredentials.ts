import type { Credentials } from "../../operations/builds";

/** What opens a private repository, as it stands in a form; undefined where it has no fields for it. */
export function credentialsIn(form: HTMLFormElement): Credentials | undefined {
  const field = form.elements.namedItem("password");
  if (!(field instanceof HTMLInputElement)) {
    return undefined;
  }
  return { username: String(new FormData(form).get("username")).trim(), password: field.value };
}

/** The same, taken out: the password is not in the form any more. */
export function takeCredentials(form: HTMLFormElement): Credentials | undefined {
  const found = credentialsIn(form);
  const field = form.elements.namedItem("password");
  if (field instanceof HTMLInputElement) {
    field.value = "";
  }
  return found;
}

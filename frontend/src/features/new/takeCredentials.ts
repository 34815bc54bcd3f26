import type { Credentials } from "../../operations/builds";

/** Take what opens a private repository out of a form: the password is not in it any more. */
export function takeCredentials(form: HTMLFormElement): Credentials | undefined {
  const field = form.elements.namedItem("password");
  if (!(field instanceof HTMLInputElement)) {
    return undefined;
  }
  const password = field.value;
  field.value = "";
  return { username: String(new FormData(form).get("username")).trim(), password };
}

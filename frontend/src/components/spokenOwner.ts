import { texts } from "../texts";

/** The name alone. */
export const nameIn = (owner: string) => owner.slice(owner.indexOf(":") + 1);

/** An owner as people say it: `user:ada` is ada. */
export function spokenOwner(owner: string): string {
  const name = nameIn(owner);
  const kind = owner.slice(0, Math.max(owner.indexOf(":"), 0));
  if (kind === "group") {
    return texts.image.group(name);
  }
  return kind === "service" ? texts.image.service(name) : name;
}

import { texts } from "../texts";

/** An owner as people say it: `user:ada` is ada. */
export function spokenOwner(owner: string): string {
  const colon = owner.indexOf(":");
  const name = owner.slice(colon + 1);
  const kind = owner.slice(0, Math.max(colon, 0));
  if (kind === "group") {
    return texts.image.group(name);
  }
  return kind === "service" ? texts.image.service(name) : name;
}

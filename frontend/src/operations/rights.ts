import type { Build, Image, Me } from "../api/types";

/** Whether there is any use in offering somebody to delete an image: the service decides in the end. */
export function mayDelete(me: Me, image: Image): boolean {
  if (me.admin) {
    return true;
  }
  const isTheirs = image.owner === me.owner || image.requested_by === me.owner;
  return isTheirs && (me.permissions.includes("images:delete") || image.owner.startsWith("group:"));
}

/** Whether there is any use in offering to build it again in its place. Values of build arguments are not kept. */
export function mayRebuild(me: Me, image: Image): boolean {
  const mayBuild = me.admin || me.owners.includes(image.owner);
  return mayBuild && mayDelete(me, image) && !image.protected && image.build_args.length === 0;
}

/** Whether there is any use in offering to start it: what is not what was built is for administrators only. */
export function mayStart(me: Me, image: Image): boolean {
  return image.launchable !== false && (me.admin || !image.changed_outside);
}

/** Whether there is any use in offering it: the owner, of a group's build whoever asked for it, and administrators. */
export function mayCancel(me: Me, { owner, requested_by }: Build): boolean {
  const isTheirs = owner === me.owner || (owner.startsWith("group:") && requested_by === me.owner);
  return me.admin || (isTheirs && (me.permissions.includes("builds:cancel") || owner.startsWith("group:")));
}

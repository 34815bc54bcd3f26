import { Button } from "@chakra-ui/react";
import { CircleStop } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { Build, Me } from "../../api/types";
import { isActive } from "../../operations/builds";
import { texts } from "../../texts";

const CancelDialog = lazy(async () => {
  const dialog = await import(/* webpackChunkName: "cancel" */ "./CancelDialog");
  return { default: dialog.CancelDialog };
});

/** Ends a build, after having asked; only for those who may. */
export function CancelBuild({ build, me }: { build: Build; me: Me }) {
  const [opener, setOpener] = useState<HTMLElement | null>(null);
  return (
    <>
      {isActive(build) && mayCancel(me, build) && (
        <Button variant="outline" colorPalette="gray" size="sm" onClick={({ currentTarget }) => setOpener(currentTarget)}>
          <CircleStop aria-hidden /> {texts.build.cancel}
        </Button>
      )}
      {opener && (
        <Suspense>
          <CancelDialog build={build} opener={opener} onClosed={() => setOpener(null)} />
        </Suspense>
      )}
    </>
  );
}

/** Whether there is any use in offering it: the owner, of a group's build whoever asked for it, and administrators. */
export function mayCancel(me: Me, { owner, requested_by }: Build): boolean {
  const isTheirs = owner === me.owner || (owner.startsWith("group:") && requested_by === me.owner);
  return me.admin || (isTheirs && (me.permissions.includes("builds:cancel") || owner.startsWith("group:")));
}

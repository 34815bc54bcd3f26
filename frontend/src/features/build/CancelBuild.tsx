import { Button } from "@chakra-ui/react";
import { CircleStop } from "lucide-react";
import { useState } from "react";
import type { Build, Me } from "../../api/types";
import { texts } from "../../texts";
import { CancelDialog } from "./CancelDialog";

/** Ends a build, after having asked; only for those who may. */
export function CancelBuild({ build, me }: { build: Build; me: Me }) {
  const [isAsked, setAsked] = useState(false);
  return (
    mayCancel(me, build) && (
      <>
        <Button variant="outline" colorPalette="gray" size="sm" onClick={() => setAsked(true)}>
          <CircleStop aria-hidden /> {texts.build.cancel}
        </Button>
        {isAsked && <CancelDialog build={build} onClose={() => setAsked(false)} />}
      </>
    )
  );
}

/** Whether there is any use in offering it: the owner, of a group's build whoever asked for it, and administrators. */
export function mayCancel(me: Me, { owner, requested_by }: Build): boolean {
  const isTheirs = owner === me.owner || (owner.startsWith("group:") && requested_by === me.owner);
  return me.admin || (isTheirs && (me.permissions.includes("builds:cancel") || owner.startsWith("group:")));
}

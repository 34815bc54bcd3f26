import { Button } from "@chakra-ui/react";
import { CircleStop } from "lucide-react";
import { useState } from "react";
import { part } from "../../components/part";
import type { Build, Me } from "../../api/types";
import { isActive } from "../../operations/builds";
import { mayCancel } from "../../operations/rights";
import { texts } from "../../texts";

const CancelDialog = part(async () => (await import(/* webpackChunkName: "cancel" */ "../../components/CancelDialog")).CancelDialog);

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
        <CancelDialog build={build} opener={opener} onClosed={() => setOpener(null)} />
      )}
    </>
  );
}

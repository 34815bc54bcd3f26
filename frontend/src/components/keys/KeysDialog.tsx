import { keys } from "../../texts/keys";
import { OpenDialog } from "../OpenDialog";
import { AllKeys } from "./AllKeys";

interface Props {
  opener: HTMLElement;
  onClosed: () => void;
}

/** The list of shortcuts, over whatever page is shown. */
export function KeysDialog({ opener, onClosed }: Props) {
  return (
    <OpenDialog title={keys.title} opener={opener} onClosed={onClosed}>
      <AllKeys />
    </OpenDialog>
  );
}

import type { Image } from "../../api/types";
import { OpenDialog } from "../../components/OpenDialog";
import { PullCommands } from "../../components/PullCommands";
import { texts } from "../../texts";

interface Props {
  image: Image;
  opener: HTMLElement;
  onClosed: () => void;
}

/** The commands, to be copied by hand where the browser does not let us. */
export function PullDialog({ image, opener, onClosed }: Props) {
  return (
    <OpenDialog title={texts.image.pull} size="lg" opener={opener} onClosed={onClosed}>
      <PullCommands image={image} />
    </OpenDialog>
  );
}

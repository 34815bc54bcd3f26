import { useLocation } from "wouter";
import type { Image, Me } from "../../api/types";
import { copyText } from "../../components/copyText";
import { formAddress } from "../../components/formAddress";
import { part } from "../../components/part";
import { pulling } from "../../components/pulling";
import { mayDelete, mayRebuild } from "../../operations/rights";
import { useInfo } from "../../operations/useInfo";
import { texts } from "../../texts";
import { type Action, RowMenu } from "./RowMenu";

const DeleteDialog = part(async () => (await import(/* webpackChunkName: "deletion" */ "../../components/deletion/DeleteDialog")).DeleteDialog);
const ShareDialog = part(async () => (await import(/* webpackChunkName: "share" */ "../../components/share/ShareDialog")).ShareDialog);
const PullDialog = part(async () => (await import(/* webpackChunkName: "pull" */ "./PullDialog")).PullDialog);

/** What is being done: nothing of it is loaded before. */
export interface Task {
  kind: "menu" | "share" | "delete" | "pull";
  images: readonly Image[];
  opener: HTMLElement;
}

interface Props {
  me: Me;
  task: Task;
  known: readonly Image[];
  onTask: (task: Task | undefined) => void;
  onRebuild: (image: Image) => void;
  /** Called with what has been done and cannot be seen otherwise. */
  onDone: (what: string) => void;
}

/** The menu or dialog that is open. */
export function Tasks({ me, task, known, onTask, onRebuild, onDone }: Props) {
  const [, navigate] = useLocation();
  const close = () => onTask(undefined);
  const image = task.images[0]!;
  const mayShare = useInfo().data?.capabilities.servers === true;

  const copy = async (text: string) => {
    if (await copyText(text)) {
      onDone(texts.images.copied);
      close();
    } else {
      onTask({ ...task, kind: "pull" });
    }
  };
  const actions: Readonly<Record<Action, () => void>> = {
    details: () => navigate(`/images/${image.id}`),
    share: () => onTask({ ...task, kind: "share" }),
    delete: () => onTask({ ...task, kind: "delete" }),
    rebuild: () => {
      if (image.private) {
        navigate(formAddress(image));
      } else {
        onRebuild(image);
        close();
      }
    },
    copyPull: () => void copy(pulling(image)!.byName),
    copyPullDigest: () => void copy(pulling(image)!.byDigest),
  };
  const common = { opener: task.opener, onClosed: close };
  return (
    <>
      {task.kind === "menu" && (
        <RowMenu
          image={image}
          mayShare={mayShare}
          mayRebuild={mayRebuild(me, image)}
          mayDelete={mayDelete(me, image)}
          onChoose={(action) => actions[action]()}
          {...common}
        />
      )}
      {task.kind === "share" && <ShareDialog image={image} {...common} />}
      {task.kind === "delete" && (
        <DeleteDialog images={task.images} known={known} onDeleted={() => onDone(texts.deletion.done(task.images.length))} {...common} />
      )}
      {task.kind === "pull" && <PullDialog image={image} {...common} />}
    </>
  );
}

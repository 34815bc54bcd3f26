import { memo, useCallback, useState } from "react";
import type { Image, Me } from "../../api/types";
import { useInfo } from "../../operations/useInfo";
import { Notice } from "../../components/Notice";
import { part } from "../../components/part";
import { mayRebuild } from "../../operations/rights";
import { BulkBar } from "./BulkBar";
import type { Choice, Order } from "./choosing";
import { ImageTable } from "./ImageTable";
import { NoMatch } from "./NoMatch";
import { RebuildNote } from "./RebuildNote";
import type { Task } from "./Tasks";
import { useRebuilds } from "./useRebuilds";
import { useSelection } from "./useSelection";

const Tasks = part(async () => (await import(/* webpackChunkName: "tasks" */ "./Tasks")).Tasks);

interface Props {
  me: Me;
  images: readonly Image[];
  /** All of them, also those that are not looked for. */
  known: readonly Image[];
  /** What was looked for when these were found. */
  q: string;
  order: Order;
  onChange: (change: Partial<Choice>) => void;
}

/** The list, what is selected of it, and the one menu or dialog that is open. Who types does not wait for it. */
export const Gallery = memo(function Gallery({ me, images, known, q, order, onChange }: Props) {
  const mayLaunch = useInfo().data?.capabilities.servers === true;
  const { ids, selectable, selected, select, clear } = useSelection(known, me);
  const [task, setTask] = useState<Task>();
  const [notice, setNotice] = useState("");
  const rebuilds = useRebuilds();
  const openMenu = useCallback((image: Image, opener: HTMLElement) => setTask({ kind: "menu", images: [image], opener }), []);
  const rebuildable = selected.filter((image) => mayRebuild(me, image) && !image.private);
  return (
    <>
      <RebuildNote rebuilds={rebuilds} />
      {images.length === 0 ? (
        <NoMatch q={q} onClear={() => onChange({ q: "", facet: "" })} />
      ) : (
        <ImageTable
          images={images}
          order={order}
          onChange={onChange}
          owner={me.owner}
          mayLaunch={mayLaunch}
          selectable={selectable}
          selected={ids}
          onSelect={select}
          onMenu={openMenu}
        />
      )}
      {selected.length > 0 && (
        <BulkBar
          images={selected}
          rebuildable={rebuildable.length}
          isRebuilding={rebuilds.isRunning}
          onRebuild={() => void rebuilds.run(rebuildable)}
          onDelete={(opener) => setTask({ kind: "delete", images: selected, opener })}
          onClear={clear}
        />
      )}
      {task && (
        <Tasks
          key={task.kind}
          me={me}
          task={task}
          known={known}
          onTask={setTask}
          onRebuild={(image) => void rebuilds.run([image])}
          onDone={setNotice}
        />
      )}
      <Notice text={notice} onGone={() => setNotice("")} />
    </>
  );
});

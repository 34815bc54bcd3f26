import { Box } from "@chakra-ui/react";
import { type KeyboardEvent, type MouseEvent, type Ref, useRef } from "react";
import { texts } from "../../texts";
import { LogLine } from "./LogLine";
import type { LogStore } from "./LogStore";
import { ordered } from "./lineRange";
import { StepHead } from "./StepHead";
import { HEIGHT, logStyles } from "./styles";
import { type LogScroller, useLogScroller } from "./useLogScroller";
import type { LogView } from "./useLogView";

interface Props {
  store: LogStore;
  view: LogView;
  isWrapped: boolean;
  /** What is written now has the room that it will need. */
  isLive: boolean;
  handle: Ref<LogScroller>;
}

/** The lines that are in view, and a few around them; the browser knows of no others. */
export function LogLines({ store, view, isWrapped, isLive, handle }: Props) {
  const { rows, folds, range, found, choose } = view;
  const box = useRef<HTMLDivElement>(null);
  const { virtual, onScroll } = useLogScroller(view, isWrapped, box, handle);
  const hit = found.hits[found.place];
  const top = Math.min(virtual.range?.startIndex ?? 0, rows.count - 1);
  const above = top >= 0 ? rows.at(top) : null;

  const mark = (event: MouseEvent) => {
    const number = numberAt(event);
    if (number) {
      const isMarked = range?.from === number && range.to === number;
      choose(event.shiftKey && range ? ordered(range.from, number) : isMarked ? null : ordered(number, number));
    }
  };
  // The browser's own way would come too late where lines come fast.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "End") {
      event.preventDefault();
      view.follow();
      virtual.scrollToEnd();
    }
  };
  const marks = (line: number) =>
    `line${range && line >= range.from && line <= range.to ? " marked" : ""}${line === hit ? " hit" : ""}`;

  return (
    <Box position="relative" css={logStyles} className={isWrapped ? "wrap" : ""}>
      <Box
        ref={box}
        className="lines"
        role="region"
        aria-label={texts.log.region}
        tabIndex={0} // what scrolls has to be reached by the keyboard
        onScroll={onScroll}
        // Keys do the same: j and k mark a line.
        onClick={mark}
        onKeyDown={onKeyDown}
        onMouseDown={(event) => event.shiftKey && numberAt(event) && event.preventDefault()}
        maxH={HEIGHT}
        minH={isLive ? HEIGHT : "0"}
        overflow="auto"
        overflowAnchor="none"
        overscrollBehavior="contain"
        fontFamily="mono"
        textStyle="xs"
        outline="none"
      >
        <Box position="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ key, index, start }) => {
            const { section, line } = rows.at(index);
            return (
              <div
                key={key}
                data-index={index}
                ref={isWrapped ? virtual.measureElement : null}
                className={line === null ? "row top" : "row"}
                style={{ transform: `translateY(${start}px)` }}
              >
                {line === null ? (
                  <StepHead
                    section={section}
                    isOpen={folds.isOpen(section)}
                    onToggle={() => view.toggle(section)}
                  />
                ) : (
                  <div className={marks(line)}>
                    <LogLine number={line} raw={store.line(line)} pattern={found.pattern} />
                  </div>
                )}
              </div>
            );
          })}
        </Box>
      </Box>
      {above && above.line !== null && (
        <Box position="absolute" top="0" insetStart="0" insetEnd="4" className="sticky">
          <StepHead
            section={above.section}
            isOpen
            isRepeated
            onToggle={() => {
              virtual.scrollToIndex(rows.headFrom(top, -1), { align: "start" });
              folds.set([above.section], false);
            }}
          />
        </Box>
      )}
    </Box>
  );
}

/** The number of the line whose number is pointed at; 0 for anything else. */
const numberAt = ({ target }: MouseEvent) => Number((target as HTMLElement).dataset.number ?? 0);

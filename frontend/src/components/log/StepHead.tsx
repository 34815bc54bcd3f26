import { Ban, Check, ChevronDown, ChevronRight, Flag, LoaderCircle, type LucideIcon, X, Zap } from "lucide-react";
import { texts } from "../../texts";
import type { Section, StepState } from "./section";

const ICONS: Record<StepState, LucideIcon> = { running: LoaderCircle, done: Check, cached: Zap, failed: X, stopped: Ban };

interface Props {
  section: Section;
  isOpen: boolean;
  onToggle: () => void;
  /** One that only repeats, for the eyes, what is further up. */
  isRepeated?: boolean;
}

/** The head of a section: what is done there, how it ended and how long that took. */
export function StepHead({ section, isOpen, onToggle, isRepeated = false }: Props) {
  const { title, place, kind, isContinued, work } = section;
  const { state, seconds } = work;
  // How it ended is no work that ends.
  const isWork = kind !== "end" || state === "failed";
  const Icon = isWork ? ICONS[state] : Flag;
  const Fold = isOpen ? ChevronDown : ChevronRight;
  return (
    <button
      type="button"
      className={`head ${state}`}
      onClick={onToggle}
      aria-expanded={isOpen}
      {...(isRepeated ? { "aria-hidden": true, tabIndex: -1 } : { "data-head": section.first })}
    >
      <Fold aria-hidden className="icon" />
      <Icon aria-hidden className="icon state" />
      {place && <span className="place">{place}</span>}
      <span className="title">{title || texts.log.sections[kind]}</span>
      {isContinued && <span className="note">{texts.log.continued}</span>}
      <span className="note">
        {isWork && state !== "done" && texts.log.states[state]} {seconds !== null && texts.log.seconds(seconds)}
      </span>
    </button>
  );
}

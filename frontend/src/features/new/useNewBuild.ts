import { useMemo, useState } from "react";
import { useSearchParams } from "wouter";
import type { Me } from "../../api/types";
import { useLater } from "../../components/useLater";
import { findSource, useSource } from "../../operations/useSource";
import type { Credentials } from "../../operations/builds";
import { readAddress } from "./address";
import { type Draft, linkOf, mayBeKept, prefilled, questionOf, wishOf } from "./draft";
import { phaseOf } from "./phaseOf";
import { useBegin } from "./useBegin";
import { useKeptInAddress } from "./useKeptInAddress";

const PAUSE = 300;
/** Nobody is told that half an address is none while it is being typed. */
const LONG_PAUSE = 1000;

/** What is written down, what is known of it, and how to have it built. */
export function useNewBuild(me: Me) {
  const [asked] = useSearchParams();
  const [draft, setDraft] = useState(() => prefilled(asked, me.owners));
  const { address, ref, subdir, owner } = draft;
  const read = useMemo(() => readAddress(address), [address]);
  const wanted = useMemo(() => questionOf(read, ref, subdir, owner), [read, ref, subdir, owner]);
  const question = useLater(wanted, PAUSE);
  const lookup = useSource(question);
  const isUnfinished = useLater(address, LONG_PAUSE) !== address && read.kind === "unreadable";
  const phase = isUnfinished ? "nothing" : phaseOf(read, lookup, question !== wanted);
  const found = phase === "found" ? lookup.data : undefined;
  const start = useBegin();
  const written = useLater(draft, PAUSE);
  useKeptInAddress(useMemo(() => (mayBeKept(read) && written === draft ? linkOf(written) : null), [read, written, draft]));

  const change = (changes: Partial<Draft>) => setDraft((before) => ({ ...before, ...changes }));
  /** Have it built; what only the repository can tell is looked up before. */
  const begin = (credentials?: Credentials, force = false) => {
    if (!wanted) {
      return;
    }
    const place = read.kind === "place" ? read.place : null;
    void start.begin(async () => {
      const [only] = wanted.ways;
      const meant = found ?? (wanted.ways.length === 1 ? only! : await findSource(wanted, credentials));
      const wish = wishOf(draft, wanted.repo, meant);
      const open = { path: draft.path ?? (meant.path || place?.path || ""), profile: draft.profile };
      return { wish: { ...wish, ...(force && { force }) }, open };
    }, credentials);
  };
  return { draft, setDraft, change, read, lookup, phase, found, start, begin };
}

import type { Ref } from "../../api/types";

/** More than this nobody reads through: typing on makes it fewer. */
const MOST = 50;
/** Of tags the newest matter most, and their names count up. */
const counting = new Intl.Collator("en", { numeric: true });

export interface Choices {
  branches: readonly Ref[];
  tags: readonly Ref[];
}

/** What there is to choose from of a repository for what is typed: the default branch first, and the highest tags. */
export function choicesOf(refs: readonly Ref[], typed: string): Choices {
  const words = typed.trim().toLowerCase();
  const isChosen = refs.some(({ name }) => name === typed.trim());
  // What is chosen shall not hide what else there is.
  const fits = isChosen ? refs : refs.filter(({ name }) => name.toLowerCase().includes(words));
  const branches = fits.filter(({ kind }) => kind === "branch");
  const tags = fits.filter(({ kind }) => kind === "tag").sort((one, other) => counting.compare(other.name, one.name));
  return { branches: branches.slice(0, MOST), tags: tags.slice(0, MOST) };
}

import type { Image } from "../../api/types";
import badge from "../../badge.svg";

export interface Wanted {
  /** Whether it is always this commit, or whatever is newest. */
  isExact: boolean;
  /** What to open; may be empty. */
  path: string;
}

/** The address that leads people to what would start. */
export function launchLink(image: Image, { isExact, path }: Wanted): string {
  // One with build arguments is found by nothing but its id, as is a private one with certainty.
  const what: Record<string, string> =
    image.build_args.length > 0
      ? { image: image.id }
      : {
          repo: image.repo,
          ...(isExact ? { ref: image.commit } : image.ref !== "HEAD" && { ref: image.ref }),
          ...(image.subdir && { subdir: image.subdir }),
        };
  const query = new URLSearchParams({ ...what, ...(path.trim() && { path: path.trim() }) });
  // Slashes and colons mean nothing in a query, and people read addresses.
  const readable = query.toString().replaceAll("%2F", "/").replaceAll("%3A", ":");
  return new URL(`launch?${readable}`, document.baseURI).href;
}

export type Form = "link" | "markdown" | "rst" | "html";

/** The link, and the badge that leads to it in the languages of READMEs and course pages. */
export function formsOf(link: string, text: string): Readonly<Record<Form, string>> {
  const picture = badgeAddress();
  return {
    link,
    markdown: `[![${text}](${picture})](${link.replaceAll("(", "%28").replaceAll(")", "%29")})`,
    rst: `.. image:: ${picture}\n   :target: ${link}\n   :alt: ${text}`,
    html: `<a href="${escaped(link)}"><img src="${escaped(picture)}" alt="${escaped(text)}"></a>`,
  };
}

export const badgeAddress = () => new URL(badge, document.baseURI).href;

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

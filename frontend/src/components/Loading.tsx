import type { ReactNode } from "react";
import { Later } from "./Later";

/** Matches what stands for a page, or for its list, that is being loaded. */
export const LOADING = "[data-loading]";

/** Stands for a page, or for its list, that is being loaded; seen only where that takes a while. */
export function Loading({ children }: { children: ReactNode }) {
  return (
    <div data-loading>
      <Later>{children}</Later>
    </div>
  );
}

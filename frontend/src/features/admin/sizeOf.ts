import { size } from "../../components/size";

/** How large things are together, in words; empty where none has a size. */
export function sizeOf(items: readonly { size: number }[]): string {
  const bytes = items.reduce((sum, each) => sum + each.size, 0);
  return bytes > 0 ? size(bytes) : "";
}

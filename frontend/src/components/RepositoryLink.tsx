import { Link } from "@chakra-ui/react";
import { spokenAddress } from "./forge";

/** The repository without its scheme; a link only where the address is one that a browser may open. */
export function RepositoryLink({ repo }: { repo: string }) {
  const text = spokenAddress(repo);
  if (!/^https?:\/\//.test(repo)) {
    return <>{text}</>;
  }
  return (
    <Link href={repo} rel="noreferrer" target="_blank" variant="underline" overflowWrap="anywhere">
      {text}
    </Link>
  );
}

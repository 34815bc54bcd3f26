import { Link } from "@chakra-ui/react";

/** The repository without its scheme; a link only where the address is one that a browser may open. */
export function RepositoryLink({ repo }: { repo: string }) {
  const text = repo.replace(/^https?:\/\//, "").replace(/\.git$/, "");
  if (!/^https?:\/\//.test(repo)) {
    return <>{text}</>;
  }
  return (
    <Link href={repo} rel="noreferrer" target="_blank" variant="underline" overflowWrap="anywhere">
      {text}
    </Link>
  );
}

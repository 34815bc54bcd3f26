import { Code, Link } from "@chakra-ui/react";
import { commitAddress } from "./forge";

interface Props {
  repo: string;
  commit: string;
  /** Whether all digits are shown. */
  isWhole?: boolean;
}

/** A commit; a link where it is known how the server of the repository shows it. */
export function CommitLink({ repo, commit, isWhole = false }: Props) {
  const address = commitAddress(repo, commit);
  const digits = (
    <Code colorPalette="gray" title={commit} overflowWrap="anywhere">
      {isWhole ? commit : commit.slice(0, 7)}
    </Code>
  );
  return address ? (
    <Link href={address} rel="noreferrer" target="_blank" variant="underline">
      {digits}
    </Link>
  ) : (
    digits
  );
}
